//! Moves the bytes of one file and proves that they are those that the key was made from.

use std::fs::File;
use std::os::fd::BorrowedFd;

use containr_sys::beneath::{self, Links};
use containr_tree::{Stat, TreePath};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::CopyError;

/// Opens a file of an origin by a path that must be free of links.
pub(crate) fn open_source(root: BorrowedFd<'_>, path: &TreePath) -> Result<File, CopyError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    match beneath::open(root, path.as_path(), flags, Links::Refused) {
        Ok(fd) => Ok(fd.into()),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Err(CopyError::Changed(path.clone())),
        Err(error) => Err(CopyError::Read { path: path.clone(), source: error.into() }),
    }
}

/// Compares a file with the stamp that was taken when it was hashed.
pub(crate) fn check_stamp(file: &File, stamp: Option<&Stat>, path: &TreePath) -> Result<(), CopyError> {
    let Some(stamp) = stamp else { return Ok(()) };
    let stat = rustix::fs::fstat(file).map_err(|e| CopyError::Read { path: path.clone(), source: e.into() })?;
    if stamp.same_content(&stat.into()) { Ok(()) } else { Err(CopyError::Changed(path.clone())) }
}
