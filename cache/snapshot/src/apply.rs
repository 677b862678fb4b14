//! Puts deltas on top of a tree by their listings: what overlay does while mounted, done for good.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::ffi::CStr;
use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use containr_store::remove_tree;
use containr_tree::{Entry, Kind, Listing, TreePath};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Timestamps};
use rustix::io::{Errno, Result};

use crate::{attributes, directory};

/// How a file of a delta comes into the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// As another name of the same file: for trees that are only read.
    Link,
    /// As a file of its own.
    Copy,
}

/// Applies a delta, given by its files and its listing, to the tree at `to`; names the path that failed.
pub(crate) fn apply(
    from: BorrowedFd<'_>,
    listing: &Listing,
    to: BorrowedFd<'_>,
    how: How,
) -> std::result::Result<(), (TreePath, Errno)> {
    let mut applier = Applier { from, to, how, times: BTreeMap::new() };
    for entry in listing.entries() {
        applier.entry(entry).map_err(|error| (entry.path.clone(), error))?;
    }
    for entry in listing.entries().iter().filter(|entry| matches!(entry.kind, Kind::Directory { .. })) {
        applier.times.remove(&entry.path);
        applier.finish_directory(&entry.path).map_err(|error| (entry.path.clone(), error))?;
    }
    for (path, times) in &applier.times {
        applier.restore_times(path, times).map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

struct Applier<'a> {
    from: BorrowedFd<'a>,
    to: BorrowedFd<'a>,
    how: How,
    /// The times of directories that are no entries themselves, from before anything in them changed.
    times: BTreeMap<TreePath, Timestamps>,
}

impl Applier<'_> {
    fn entry(&mut self, entry: &Entry) -> Result<()> {
        let path = &entry.path;
        if path.is_root() {
            return Ok(());
        }
        let parent = self.parent(path)?;
        let name = directory::name(path);
        match &entry.kind {
            Kind::Directory { opaque } => {
                if *opaque || !is_directory(&parent, &name)? {
                    clear(&parent, &name)?;
                    rustix::fs::mkdirat(&parent, &name, Mode::RWXU)?;
                }
                return Ok(());
            }
            Kind::Whiteout => return clear(&parent, &name),
            _ => clear(&parent, &name)?,
        }
        if let Kind::HardLink { to } = &entry.kind {
            let first = directory::open_parent(self.to, to)?;
            return rustix::fs::linkat(&first, directory::name(to), &parent, &name, AtFlags::empty());
        }
        let source = directory::open_parent(self.from, path)?;
        match self.how {
            How::Link => match rustix::fs::linkat(&source, &name, &parent, &name, AtFlags::empty()) {
                // Too many names, or links to files of others are forbidden.
                Err(Errno::MLINK | Errno::PERM) => copy_entry(&source, &parent, &name),
                other => other,
            },
            How::Copy => copy_entry(&source, &parent, &name),
        }
    }

    /// Opens the directory that an entry goes into and remembers its times; what is no directory there is replaced by one.
    fn parent(&mut self, path: &TreePath) -> Result<OwnedFd> {
        let parent = path.parent().unwrap_or_default();
        let opened = match directory::open_parent(self.to, path) {
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {
                let above = self.parent(&parent)?;
                let name = directory::name(&parent);
                clear(&above, &name)?;
                rustix::fs::mkdirat(&above, &name, Mode::RWXU)?;
                self.finish_directory(&parent)?;
                directory::open_parent(self.to, path)?
            }
            other => other?,
        };
        if let Slot::Vacant(slot) = self.times.entry(parent) {
            slot.insert(attributes::times(&rustix::fs::fstat(&opened)?));
        }
        Ok(opened)
    }

    fn finish_directory(&self, path: &TreePath) -> Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let to = directory::open_below(self.to, path, flags)?;
        attributes::copy(directory::open_below(self.from, path, flags)?.as_fd(), to.as_fd())
    }

    fn restore_times(&self, path: &TreePath, times: &Timestamps) -> Result<()> {
        match directory::open_below(self.to, path, OFlags::RDONLY | OFlags::DIRECTORY) {
            Ok(directory) => rustix::fs::futimens(&directory, times),
            // A later entry replaced it.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Copies the entries of a listing out of a whole tree into an empty delta, with the directories that they need.
pub(crate) fn extract(
    from: BorrowedFd<'_>,
    listing: &Listing,
    to: BorrowedFd<'_>,
) -> std::result::Result<(), (TreePath, Errno)> {
    // On an empty tree there is nothing to hide, and missing parents are made like those of the whole tree.
    apply(from, listing, to, How::Copy)
}

fn is_directory(parent: &OwnedFd, name: &CStr) -> Result<bool> {
    match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Directory),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes whatever is there.
fn clear(parent: &OwnedFd, name: &CStr) -> Result<()> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(Errno::ISDIR) => {
            let removed = remove_tree(parent.as_fd(), name);
            if removed.left == 0 { Ok(()) } else { Err(Errno::PERM) }
        }
        Err(error) => Err(error),
    }
}

/// Copies one entry that is no directory, with everything the file system says of it.
fn copy_entry(from: &OwnedFd, to: &OwnedFd, name: &CStr) -> Result<()> {
    let stat = rustix::fs::statat(from, name, AtFlags::SYMLINK_NOFOLLOW)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    match kind {
        FileType::RegularFile => return copy_file(from, to, name),
        FileType::Symlink => {
            rustix::fs::symlinkat(rustix::fs::readlinkat(from, name, Vec::new())?, to, name)?;
        }
        _ => rustix::fs::mknodat(to, name, kind, Mode::RUSR, stat.st_rdev)?,
    }
    attributes::set_by_name(to, name, &stat)
}

fn copy_file(from: &OwnedFd, to: &OwnedFd, name: &CStr) -> Result<()> {
    let read = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let source = File::from(rustix::fs::openat(from, name, read, Mode::empty())?);
    let make = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let target = File::from(rustix::fs::openat(to, name, make, Mode::RUSR | Mode::WUSR)?);
    // A clone shares the blocks; where the file system has none, the kernel copies.
    if rustix::fs::ioctl_ficlone(&target, &source).is_err() {
        let failed = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
        let size = rustix::fs::fstat(&source)?.st_size.cast_unsigned();
        let copied = containr_sys::sparse::copy(&source, &target, size).map_err(failed)?;
        if copied != size {
            return Err(Errno::IO);
        }
    }
    attributes::copy(source.as_fd(), target.as_fd())
}
