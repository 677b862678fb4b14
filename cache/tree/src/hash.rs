//! Reads files and computes their SHA-256, making sure that what was read is one state of one file.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::FileExt as _;

use containr_sys::beneath::{self, Links};
use containr_sys::lease::{LeaseOutcome, ReadLease};
use containr_sys::sparse::{Extent, Extents, ZEROS};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use crate::trust::Writers;
use crate::{Stat, TreeError, TreePath};

/// The size of one read in bytes; a mapping would be no faster and fatal when somebody cuts the file.
const BLOCK: usize = 1 << 20;

/// A buffer for reading, kept by each thread.
pub(crate) struct Block(Vec<u8>);

impl Block {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns room for a file of `size` bytes and one more, so that a short read shows the end.
    fn room(&mut self, size: u64) -> &mut [u8] {
        let wanted = usize::try_from(size).map_or(BLOCK, |size| size.saturating_add(1).min(BLOCK));
        if self.0.len() < wanted {
            self.0.resize(wanted, 0);
        }
        &mut self.0
    }
}

/// Returns the SHA-256 of a file below `root`, and its numbers; no link is followed on the way.
///
/// # Errors
/// [`TreeError::Changed`] when somebody wrote to it meanwhile.
pub fn digest_file(root: BorrowedFd<'_>, path: &TreePath) -> Result<([u8; 32], Stat), TreeError> {
    let file = open(root, path)?;
    let stat = stat(&file, path)?;
    Ok((content(&file, path, &stat, &mut Block::new())?, stat))
}

/// Returns the SHA-256 of a file that was seen as `seen`, and who else may write to it.
pub(crate) fn digest_seen(
    root: BorrowedFd<'_>,
    path: &TreePath,
    seen: &Stat,
    block: &mut Block,
) -> Result<([u8; 32], Writers, File), TreeError> {
    let file = open(root, path)?;
    let digest;
    let writers;
    {
        // While the lease is held nobody can open the file for writing, so the state that is read is the one that lasts.
        let lease = ReadLease::take(&file);
        if !stat(&file, path)?.same_content(seen) {
            return Err(TreeError::Changed(path.clone()));
        }
        digest = content(&file, path, seen, block)?;
        writers = match lease {
            Ok(LeaseOutcome::Granted(_)) => Writers::None,
            Ok(LeaseOutcome::OpenForWriting) => Writers::Some,
            Ok(LeaseOutcome::NotOwner) | Err(_) => Writers::Unknown,
        };
    }
    Ok((digest, writers, file))
}

/// Opens a regular file; a pipe that took its place does not block.
fn open(root: BorrowedFd<'_>, path: &TreePath) -> Result<File, TreeError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = match beneath::open(root, path.as_path(), flags, Links::Refused) {
        // Some sandboxes forbid the newer call; the comparison of inodes finds a link on the way as well.
        Err(Errno::NOSYS | Errno::PERM) => rustix::fs::openat(root, path.as_path(), flags, Mode::empty()),
        other => other,
    };
    match opened {
        Ok(file) => Ok(file.into()),
        Err(Errno::LOOP | Errno::NOENT | Errno::NOTDIR) => Err(TreeError::Changed(path.clone())),
        Err(error) => Err(TreeError::io("open", path)(error)),
    }
}

fn stat(file: &File, path: &TreePath) -> Result<Stat, TreeError> {
    Ok(rustix::fs::fstat(file).map_err(TreeError::io("read", path))?.into())
}

/// Reads a file whole; its numbers must be the same before and after.
fn content(file: &File, path: &TreePath, seen: &Stat, block: &mut Block) -> Result<[u8; 32], TreeError> {
    let mut hasher = Sha256::new();
    for extent in Extents::of(file.as_fd(), seen.size) {
        let whole = match extent {
            Extent::Data(range) => hash_data(file, range, block.room(seen.size), &mut hasher),
            Extent::Hole(range) => {
                hash_hole(range.end - range.start, &mut hasher);
                Ok(true)
            }
        };
        if !whole.map_err(TreeError::io("read", path))? {
            return Err(TreeError::Changed(path.clone()));
        }
    }
    if !stat(file, path)?.same_content(seen) {
        return Err(TreeError::Changed(path.clone()));
    }
    Ok(hasher.finalize().into())
}

/// Hashes the bytes of a range; returns whether all of them were there.
fn hash_data(file: &File, range: Range<u64>, buffer: &mut [u8], hasher: &mut Sha256) -> io::Result<bool> {
    let mut at = range.start;
    // A read at the known end would only say what the numbers say afterwards.
    while at < range.end {
        let wanted = usize::try_from(range.end - at).unwrap_or(usize::MAX).min(buffer.len());
        match file.read_at(&mut buffer[..wanted], at) {
            Ok(0) => return Ok(false),
            Ok(length) => {
                hasher.update(&buffer[..length]);
                at += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Hashes zeros that nobody has to read.
fn hash_hole(length: u64, hasher: &mut Sha256) {
    let piece = ZEROS.len() as u64;
    for _ in 0..length / piece {
        hasher.update(ZEROS);
    }
    hasher.update(&ZEROS[..usize::try_from(length % piece).expect("less than a piece")]);
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn files_of_all_sizes_around_the_block() {
        let dir = tempfile::tempdir().unwrap();
        let root = File::open(dir.path()).unwrap();
        for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5] {
            let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            fs::write(dir.path().join("f"), &bytes).unwrap();
            let (digest, stat) = digest_file(root.as_fd(), &path("f")).unwrap();
            assert_eq!((digest, stat.size), (Sha256::digest(&bytes).into(), size as u64));
        }
    }

    #[test]
    fn holes_are_zeros() {
        let dir = tempfile::tempdir().unwrap();
        let root = File::open(dir.path()).unwrap();
        let file = File::create(dir.path().join("f")).unwrap();
        let size = 5 * BLOCK + 77;
        file.set_len(size as u64).unwrap();
        file.write_all_at(b"in the middle", 3_000_000).unwrap();
        let (digest, _) = digest_file(root.as_fd(), &path("f")).unwrap();
        assert_eq!(digest, <[u8; 32]>::from(Sha256::digest(fs::read(dir.path().join("f")).unwrap())));
    }

    #[test]
    fn a_file_replaced_by_a_link_or_a_pipe_has_changed() {
        let dir = tempfile::tempdir().unwrap();
        let root = File::open(dir.path()).unwrap();
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::write(dir.path().join("d/f"), "x").unwrap();
        let (_, seen) = digest_file(root.as_fd(), &path("d/f")).unwrap();
        let again = || digest_seen(root.as_fd(), &path("d/f"), &seen, &mut Block::new()).map(|(digest, ..)| digest);
        again().unwrap();
        fs::rename(dir.path().join("d"), dir.path().join("e")).unwrap();
        std::os::unix::fs::symlink("e", dir.path().join("d")).unwrap();
        assert!(matches!(again(), Err(TreeError::Changed(_))), "a link on the way");
        fs::remove_file(dir.path().join("d")).unwrap();
        fs::create_dir(dir.path().join("d")).unwrap();
        rustix::fs::mkfifoat(&root, "d/f", Mode::RUSR).unwrap();
        assert!(matches!(again(), Err(TreeError::Changed(_))), "a pipe");
    }
}
