//! Gives a whole file tree to the outside: as one tar, and as an ordinary local directory.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd as _, BorrowedFd};

use containr_sys::sparse;
use containr_tree::{Entry, Kind};
use rustix::fs::OFlags;

use crate::diff::scan_tree;
use crate::unpack::Placer;
use crate::{Context, LayerError, attributes, write_tar};

/// Writes the tree in `root` (a mounted view) as one tar, sorted; sockets are left out.
///
/// # Errors
/// A file that changes meanwhile, or what the file system and `out` give.
pub fn export_tar(root: BorrowedFd<'_>, out: &mut dyn Write, context: Context<'_>) -> Result<(), LayerError> {
    let listing = scan_tree(root, context)?;
    write_tar(root, &listing, out, context)
}

/// Who owns the files of an exported directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners {
    /// The image's owners and capabilities; needs the right to give files away.
    Kept,
    /// Whoever exports; set-id bits and capabilities would then mean something else and go away.
    Own,
}

/// Copies the tree in `root` into the directory `into`, over what is there: files are replaced, directories merged.
///
/// # Errors
/// A directory in the place of a file or the other way round, or what the file systems give.
pub fn export_directory(
    root: BorrowedFd<'_>,
    into: BorrowedFd<'_>,
    owners: Owners,
    context: Context<'_>,
) -> Result<(), LayerError> {
    let listing = scan_tree(root, context)?;
    let mut placer = Placer::new(into)?;
    let entries: Vec<Entry> = listing.entries().iter().map(|entry| owned(entry, owners)).collect();
    for entry in &entries {
        context.cancel.check()?;
        export(root, into, &mut placer, entry)?;
    }
    // Deepest first: a directory that may not be entered is closed after its content is finished.
    for entry in entries.iter().rev().filter(|entry| matches!(entry.kind, Kind::Directory { .. })) {
        placer.finish_directory(entry)?;
    }
    Ok(())
}

fn owned(entry: &Entry, owners: Owners) -> Entry {
    if owners == Owners::Kept {
        return entry.clone();
    }
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let mode = if matches!(entry.kind, Kind::File { .. }) { entry.mode & 0o777 } else { entry.mode & 0o1777 };
    let mut xattrs = entry.xattrs.clone();
    xattrs.retain(|(name, _)| name.starts_with(b"user."));
    Entry { uid, gid, mode, xattrs, ..entry.clone() }
}

fn export(
    root: BorrowedFd<'_>,
    into: BorrowedFd<'_>,
    placer: &mut Placer<'_>,
    entry: &Entry,
) -> Result<(), LayerError> {
    let path = &entry.path;
    let known = attributes::stat(into, path).map_err(LayerError::file("look at", path))?;
    let is_directory = known.is_some_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir());
    if matches!(entry.kind, Kind::Directory { .. }) {
        return if is_directory { Ok(()) } else { placer.make_directory(path) };
    }
    if known.is_some() {
        placer.remove_file(path)?;
    }
    match &entry.kind {
        Kind::File { size, .. } => {
            let source = attributes::open(root, path, OFlags::RDONLY).map_err(LayerError::file("open", path))?;
            let target = File::from(placer.create(path)?);
            let copied = sparse::copy(&File::from(source), &target, *size).map_err(LayerError::file("copy", path))?;
            if copied != *size {
                return Err(LayerError::Changed(path.clone()));
            }
            placer.finish(target.as_fd(), entry)
        }
        Kind::HardLink { to } => placer.link(to, path),
        Kind::Whiteout => Ok(()),
        _ => placer.make_special(entry),
    }
}
