//! A child's operations on its file system: mounts, nodes, links, and the change of root.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::io::{Errno, Result};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags};

use crate::beneath::{self, Links};
use crate::mount::{self, Depth};

/// Where the launcher keeps a directory to attach root file systems to.
pub(super) const ROOT: &CStr = c"/root";
/// Where the launcher keeps an empty directory to hide others with.
pub(super) const EMPTY: &CStr = c"/empty";

/// `f_type` of proc and sysfs (linux/magic.h).
const PROC_MAGIC: i64 = 0x9fa0;
const SYSFS_MAGIC: i64 = 0x6265_6572;

fn errno(error: &std::io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

/// Makes a carried mount private and attaches it to the launcher's place for roots.
pub(super) fn attach_root(root: BorrowedFd<'_>) -> Result<OwnedFd> {
    mount::make_private(root, Depth::Recursive).map_err(|error| errno(&error))?;
    rustix::mount::move_mount(root, c"", CWD, ROOT, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
    rustix::io::fcntl_dupfd_cloexec(root, 3)
}

/// Makes a directory unless something has that name.
pub(super) fn make_directory(at: BorrowedFd<'_>, name: &CStr, mode: u32) -> Result<()> {
    match rustix::fs::mkdirat(at, name, Mode::from_raw_mode(mode)) {
        Err(Errno::EXIST) => Ok(()),
        other => other,
    }
}

/// Makes a directory or an empty file in a real directory unless something has that name.
pub(super) fn make_entry((at, parent): (BorrowedFd<'_>, &CStr), name: &CStr, mode: u32) -> Result<()> {
    let parent = open_plain(at, parent, OFlags::DIRECTORY)?;
    if FileType::from_raw_mode(mode) == FileType::Directory {
        return make_directory(parent.as_fd(), name, mode & 0o7777);
    }
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDONLY | OFlags::CLOEXEC;
    match rustix::fs::openat(&parent, name, flags, Mode::from_raw_mode(mode & 0o7777)) {
        Err(Errno::EXIST) => Ok(()),
        made => made.map(drop),
    }
}

/// Opens a real directory or file below `at`: no component of `path` may be a link.
fn open_plain(at: BorrowedFd<'_>, path: &CStr, flags: OFlags) -> Result<OwnedFd> {
    beneath::open(at, path, flags | OFlags::PATH | OFlags::NOFOLLOW, Links::Refused)
}

fn attach_to(mount: BorrowedFd<'_>, target: BorrowedFd<'_>) -> Result<()> {
    mount::attach(mount, target).map_err(|error| errno(&error))
}

/// Mounts a new file system on a real directory.
pub(super) fn mount_new<'text>(
    filesystem: &CStr,
    mut options: impl Iterator<Item = Option<&'text CStr>>,
    attributes: u32,
    target: (BorrowedFd<'_>, &CStr),
) -> Result<OwnedFd> {
    let context = rustix::mount::fsopen(filesystem, FsOpenFlags::FSOPEN_CLOEXEC)?;
    rustix::mount::fsconfig_set_string(&context, c"source", filesystem)?;
    while let Some(key) = options.next() {
        let (key, value) = (key.ok_or(Errno::INVAL)?, options.next().flatten().ok_or(Errno::INVAL)?);
        match value.is_empty() {
            true => rustix::mount::fsconfig_set_flag(&context, key)?,
            false => rustix::mount::fsconfig_set_string(&context, key, value)?,
        }
    }
    rustix::mount::fsconfig_create(&context)?;
    let attributes = MountAttrFlags::from_bits_retain(attributes);
    let mounted = rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?;
    let target = open_plain(target.0, target.1, OFlags::DIRECTORY)?;
    attach_to(mounted.as_fd(), target.as_fd())?;
    Ok(mounted)
}

/// Clones a mount of the launcher, with all below, onto a real directory.
pub(super) fn mount_clone(from: &CStr, attributes: u32, target: (BorrowedFd<'_>, &CStr)) -> Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    let tree = rustix::mount::open_tree(CWD, from, flags)?;
    let attributes = MountAttrFlags::from_bits_retain(attributes);
    if !attributes.is_empty() {
        mount::set_attributes(tree.as_fd(), Depth::Recursive, attributes).map_err(|error| errno(&error))?;
    }
    let target = open_plain(target.0, target.1, OFlags::DIRECTORY)?;
    attach_to(tree.as_fd(), target.as_fd())?;
    Ok(tree)
}

/// Makes a device node, whatever the file mode creation mask.
pub(super) fn make_node(at: BorrowedFd<'_>, name: &CStr, mode: u32, device: u64) -> Result<()> {
    rustix::fs::mknodat(at, name, FileType::CharacterDevice, Mode::from_raw_mode(mode), device)
}

/// Makes an empty file and mounts one of the launcher's nodes on it.
pub(super) fn clone_node(from: &CStr, at: BorrowedFd<'_>, name: &CStr) -> Result<()> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDONLY | OFlags::CLOEXEC;
    drop(rustix::fs::openat(at, name, flags, Mode::from_raw_mode(0o666))?);
    let node = rustix::mount::open_tree(CWD, from, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC)?;
    let target = open_plain(at, name, OFlags::empty())?;
    attach_to(node.as_fd(), target.as_fd())
}

/// Attaches a carried mount at a path of the root file system.
pub(super) fn attach(mounted: BorrowedFd<'_>, root: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    let target = beneath::open(root, path, OFlags::PATH, Links::Inside)?;
    let magic = rustix::fs::fstatfs(&target)?.f_type;
    if magic == PROC_MAGIC || magic == SYSFS_MAGIC {
        return Err(Errno::PERM);
    }
    mount::make_private(mounted, Depth::Recursive).map_err(|error| errno(&error))?;
    attach_to(mounted, target.as_fd())
}

/// Hides a path: a directory behind an empty one, anything else behind the null device.
pub(super) fn mask(at: BorrowedFd<'_>, path: &CStr, devices: BorrowedFd<'_>) -> Result<()> {
    let Some(target) = open_if_any(at, path)? else { return Ok(()) };
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let cover = match FileType::from_raw_mode(rustix::fs::fstat(&target)?.st_mode) {
        FileType::Directory => {
            let cover = rustix::mount::open_tree(CWD, EMPTY, flags)?;
            let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY;
            mount::set_attributes(cover.as_fd(), Depth::Single, attributes).map_err(|error| errno(&error))?;
            cover
        }
        _ => rustix::mount::open_tree(devices, c"null", flags)?,
    };
    attach_to(cover.as_fd(), target.as_fd())
}

/// Puts a read-only clone of a path on itself.
pub(super) fn freeze(at: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    let Some(target) = open_if_any(at, path)? else { return Ok(()) };
    let tree = mount::bind(target.as_fd(), Depth::Recursive, MountAttrFlags::MOUNT_ATTR_RDONLY)
        .map_err(|error| errno(&error))?;
    attach_to(tree.as_fd(), target.as_fd())
}

fn open_if_any(at: BorrowedFd<'_>, path: &CStr) -> Result<Option<OwnedFd>> {
    match open_plain(at, path, OFlags::empty()) {
        Ok(target) => Ok(Some(target)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a mount the root of the mount namespace and lets go of everything outside.
pub(super) fn pivot_root(root: BorrowedFd<'_>) -> Result<()> {
    rustix::process::fchdir(root)?;
    rustix::process::pivot_root(c".", c".")?;
    rustix::mount::unmount(c".", UnmountFlags::DETACH)?;
    rustix::process::chdir(c"/")
}

/// Makes a directory the root of the process alone.
pub(super) fn change_root(root: BorrowedFd<'_>) -> Result<()> {
    rustix::process::fchdir(root)?;
    rustix::process::chroot(c".")?;
    rustix::process::chdir(c"/")
}
