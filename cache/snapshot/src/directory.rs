//! Opening things below a directory without following links on the way.

use std::os::fd::{AsFd, OwnedFd};

use containr_sys::beneath::{self, Links};
use containr_tree::TreePath;
use rustix::fs::{Mode, OFlags};
use rustix::io::Result;

/// Opens the directory `name` (one component, or `.`) in `parent`.
pub(crate) fn open(parent: impl AsFd, name: &str) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

/// Opens what is at `path` below `root`; a link on the way or at the end is an error.
pub(crate) fn open_below(root: impl AsFd, path: &TreePath, flags: OFlags) -> Result<OwnedFd> {
    beneath::open(root, path.as_path(), flags | OFlags::NOFOLLOW, Links::Refused)
}

/// Opens the directory that holds `path`.
pub(crate) fn open_parent(root: impl AsFd, path: &TreePath) -> Result<OwnedFd> {
    open_below(root, &path.parent().unwrap_or_default(), OFlags::RDONLY | OFlags::DIRECTORY)
}

/// Returns the last component of a path for the file API.
pub(crate) fn name(path: &TreePath) -> std::ffi::CString {
    std::ffi::CString::new(path.file_name()).expect("a tree path holds no NUL")
}
