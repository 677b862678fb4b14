//! A context that arrives as a stream: a tar (plain or compressed) or a bare Dockerfile.

use std::io::{self, Chain, Cursor, Read};
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use containr_layer::{Extract, Limits, Marks, Missing};
use containr_progress::Cancel;
use containr_tree::TreePath;

use crate::EngineError;
use crate::error::Context as _;

/// The most bytes that a Dockerfile on stdin may have.
const DOCKERFILE_BYTES: u64 = 16 << 20;
/// Bytes that tell a tar from a text: the magic of a tar header ends at 263.
const HEAD_BYTES: usize = 512;

/// What the stream held.
pub(super) enum Content {
    /// A Dockerfile; there are no other files.
    Dockerfile(Vec<u8>),
    /// Files, unpacked into a directory of their own.
    Tree(Unpacked),
}

/// A directory that goes away with this value.
pub(super) struct Unpacked(PathBuf);

impl Unpacked {
    /// Returns the directory.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads a stream that may only hold a Dockerfile.
pub(super) fn read_text(stream: &mut (dyn Read + Send)) -> Result<Vec<u8>, EngineError> {
    let head = head(stream)?;
    if is_archive(&head) {
        return Err(EngineError::Request("reading the Dockerfile alone of a tar is not supported yet".to_owned()));
    }
    rest_of_text(head, stream)
}

fn head(stream: &mut (dyn Read + Send)) -> Result<Vec<u8>, EngineError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let read = stream.take(HEAD_BYTES as u64).read_to_end(&mut head);
    read.context(|| "cannot read the context from stdin".to_owned())?;
    Ok(head)
}

fn rest_of_text(mut text: Vec<u8>, stream: &mut (dyn Read + Send)) -> Result<Vec<u8>, EngineError> {
    let read = stream.take(DOCKERFILE_BYTES).read_to_end(&mut text);
    read.context(|| "cannot read the context from stdin".to_owned())?;
    Ok(text)
}

/// Reads the stream to its end.
pub(super) fn read(work: &Path, stream: &mut (dyn Read + Send)) -> Result<Content, EngineError> {
    let failed = || "cannot read the context from stdin".to_owned();
    let head = head(stream)?;
    if !is_archive(&head) {
        return rest_of_text(head, stream).map(Content::Dockerfile);
    }
    let directory = Unpacked(work.join(format!("context-{}", std::process::id())));
    std::fs::create_dir_all(directory.path()).context(failed)?;
    unpack(Cursor::new(head).chain(stream), directory.path())?;
    refuse_links(directory.path())?;
    Ok(Content::Tree(directory))
}

/// A context hides nothing: there is nothing below it.
struct Plain;

impl Marks for Plain {
    fn whiteout(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }

    fn opaque(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }
}

fn unpack(archive: Chain<Cursor<Vec<u8>>, &mut (dyn Read + Send)>, directory: &Path) -> Result<(), EngineError> {
    let failed = || "cannot unpack the context from stdin".to_owned();
    let mut archive = archive;
    let directory = std::fs::File::open(directory).context(failed)?;
    let extract = Extract {
        fs: directory.as_fd(),
        marks: &Plain,
        below: None,
        into: TreePath::root(),
        missing: Missing::default(),
        owner: None,
        existing: Vec::new(),
    };
    let (cancel, threads) = (Cancel::new(), NonZeroUsize::MIN);
    let context = containr_layer::Context { cancel: &cancel, threads };
    containr_layer::extract_archive(&mut archive, extract, Limits::default(), context).context(failed)?;
    Ok(())
}

/// Refuses links in the place of files that are read by name before the build: they would be followed out of the context.
fn refuse_links(directory: &Path) -> Result<(), EngineError> {
    let failed = || "cannot look into the context from stdin".to_owned();
    for entry in std::fs::read_dir(directory).context(failed)? {
        let entry = entry.context(failed)?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let read_by_name = name == "dockerfile" || name == "containerfile" || name.ends_with("ignore");
        if read_by_name && entry.file_type().context(failed)?.is_symlink() {
            let text =
                format!("`{}` is a link, which is not followed in a context from stdin", entry.file_name().display());
            return Err(EngineError::Request(text));
        }
    }
    Ok(())
}

/// Tells archives by their first bytes: tar, gzip, bzip2, xz, zstd.
fn is_archive(head: &[u8]) -> bool {
    let magics: [&[u8]; 4] = [b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
    head.get(257..262) == Some(b"ustar") || magics.iter().any(|magic| head.starts_with(magic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_in_the_place_of_the_dockerfile_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/hostname", directory.path().join("Dockerfile")).unwrap();
        let error = refuse_links(directory.path()).unwrap_err();
        assert!(error.to_string().contains("`Dockerfile` is a link"), "{error}");
    }

    #[test]
    fn a_text_is_a_dockerfile() {
        let work = tempfile::tempdir().unwrap();
        let mut text: &[u8] = b"FROM scratch\n";
        match read(work.path(), &mut text).unwrap() {
            Content::Dockerfile(text) => assert_eq!(text, b"FROM scratch\n"),
            Content::Tree(_) => panic!("a text is no tree"),
        }
    }
}
