//! What the file system says of a file, in the terms of a listing.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use containr_sys::beneath::{self, Links};
use containr_tree::{Entry, Kind, TreePath, Xattr};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// Opens `path` below `root` without following a single link.
pub(crate) fn open(root: BorrowedFd<'_>, path: &TreePath, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    beneath::open(root, path.as_path(), flags | OFlags::NOFOLLOW, Links::Refused)
}

/// Opens the directory `path` below `root` for reading its names and as a base for other calls.
pub(crate) fn open_directory(root: BorrowedFd<'_>, path: &TreePath) -> rustix::io::Result<OwnedFd> {
    open(root, path, OFlags::RDONLY | OFlags::DIRECTORY)
}

/// Returns what stands at `path`, or nothing where there is no such path (also when a parent is no directory).
pub(crate) fn stat(root: BorrowedFd<'_>, path: &TreePath) -> rustix::io::Result<Option<Stat>> {
    match open(root, path, OFlags::PATH).and_then(rustix::fs::fstat) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns what stands under `name` in an open directory, without following it.
pub(crate) fn stat_in(directory: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<Option<Stat>> {
    match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the entry of what stands under `name` in `directory`, or nothing for what no layer holds (a socket).
///
/// A file's digest is left open.
pub(crate) fn entry(
    directory: BorrowedFd<'_>,
    name: &[u8],
    path: TreePath,
    stat: &Stat,
) -> rustix::io::Result<Option<Entry>> {
    let (major, minor) = (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev));
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Kind::Directory { opaque: false },
        FileType::RegularFile => Kind::File { size: u64::try_from(stat.st_size).unwrap_or(0), digest: None },
        FileType::Symlink => Kind::Symlink { target: target(directory, name)? },
        FileType::CharacterDevice => Kind::CharDevice { major, minor },
        FileType::BlockDevice => Kind::BlockDevice { major, minor },
        FileType::Fifo => Kind::Fifo,
        FileType::Socket | FileType::Unknown => return Ok(None),
    };
    let xattrs = match kind {
        Kind::Directory { .. } | Kind::File { .. } => {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
            xattrs(rustix::fs::openat(directory, name, flags, Mode::empty())?.as_fd())?
        }
        _ => Vec::new(),
    };
    let mode = stat.st_mode & 0o7777;
    Ok(Some(Entry { path, kind, mode, uid: stat.st_uid, gid: stat.st_gid, mtime: stat.st_mtime, xattrs }))
}

/// Returns the target of the symbolic link `name`.
pub(crate) fn target(directory: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<Box<[u8]>> {
    Ok(rustix::fs::readlinkat(directory, name, Vec::new())?.into_bytes().into())
}

/// Returns whether a layer keeps an attribute: file capabilities and what users set, never the marks of overlayfs.
pub(crate) fn is_kept(name: &[u8]) -> bool {
    name == b"security.capability" || (name.starts_with(b"user.") && !name.starts_with(b"user.overlay."))
}

/// Returns the attributes of an open file or directory that a layer keeps, sorted by name.
pub(crate) fn xattrs(file: BorrowedFd<'_>) -> rustix::io::Result<Vec<Xattr>> {
    let names = match grow(|buffer| rustix::fs::flistxattr(file, buffer)) {
        Ok(names) => names,
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for name in names.split(|b| *b == 0).filter(|name| is_kept(name)) {
        match grow(|buffer| rustix::fs::fgetxattr(file, name, buffer)) {
            Ok(value) => found.push((name.into(), value.into())),
            Err(Errno::NODATA) => {}
            Err(error) => return Err(error),
        }
    }
    found.sort();
    Ok(found)
}

/// Calls `read` with a buffer that grows until the answer fits.
fn grow(mut read: impl FnMut(&mut [u8]) -> rustix::io::Result<usize>) -> rustix::io::Result<Vec<u8>> {
    let mut buffer = vec![0; 256];
    loop {
        match read(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            // The kernel's own bound on names and values is 64 KiB.
            Err(Errno::RANGE) if buffer.len() < 1 << 17 => buffer.resize(buffer.len() * 8, 0),
            Err(error) => return Err(error),
        }
    }
}

/// Returns the names in an open directory, sorted.
pub(crate) fn names(directory: BorrowedFd<'_>) -> io::Result<Vec<Vec<u8>>> {
    let mut names = Vec::new();
    for item in rustix::fs::Dir::read_from(directory)? {
        let name = item?.file_name().to_bytes().to_vec();
        if name != b"." && name != b".." {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
