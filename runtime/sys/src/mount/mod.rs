//! Detached mounts: made without a path, owned by a descriptor, gone when it closes.

mod overlay;
mod probe;

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

pub use overlay::{OverlayOptions, OverlayXattr, overlay};
pub use probe::probe_overlay;
pub use rustix::mount::MountAttrFlags as Attributes;
use rustix::mount::{FsMountFlags, FsOpenFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags};

/// How much of a mount tree a bind clone takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The one mount that the descriptor is on.
    Single,
    /// That mount and all that is mounted below it.
    Recursive,
}

/// Clones the tree at `source` as a detached mount with the given attributes on top of its own.
///
/// `source` may be a directory or any other file, opened with `O_PATH` or for real, and lies in a mount of the
/// caller's mount namespace. Attributes are set on every mount of a recursive clone.
pub fn bind(source: BorrowedFd<'_>, depth: Depth, attributes: Attributes) -> io::Result<OwnedFd> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    flags.set(OpenTreeFlags::AT_RECURSIVE, depth == Depth::Recursive);
    let tree = rustix::mount::open_tree(source, c"", flags)?;
    if !attributes.is_empty() {
        set_attributes(tree.as_fd(), depth, attributes)?;
    }
    Ok(tree)
}

/// Makes an empty detached tmpfs whose root directory has `mode`.
///
/// Without `size_bytes` the kernel's default holds: half of the memory. The owner is the caller's file system ids.
pub fn tmpfs(size_bytes: Option<u64>, mode: u32, attributes: Attributes) -> io::Result<OwnedFd> {
    let context = rustix::mount::fsopen(c"tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    rustix::mount::fsconfig_set_string(&context, c"source", c"tmpfs")?;
    rustix::mount::fsconfig_set_string(&context, c"mode", format!("{mode:o}"))?;
    if let Some(size) = size_bytes {
        rustix::mount::fsconfig_set_string(&context, c"size", format!("{size}"))?;
    }
    rustix::mount::fsconfig_create(&context)?;
    Ok(rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?)
}

/// Adds attributes to a mount, or to it and all mounts below (mount_setattr(2), Linux 5.12).
///
/// A recursive change happens to all mounts or to none.
pub fn set_attributes(mount: BorrowedFd<'_>, depth: Depth, attributes: Attributes) -> io::Result<()> {
    change(mount, depth, attributes.bits().into(), 0)
}

/// Makes a mount, or it and all mounts below, private: nothing propagates to or from its peers any more.
pub fn make_private(mount: BorrowedFd<'_>, depth: Depth) -> io::Result<()> {
    change(mount, depth, 0, MountPropagationFlags::PRIVATE.bits().into())
}

/// Puts a detached mount on the directory or file that `target` holds open.
pub fn attach(mount: BorrowedFd<'_>, target: BorrowedFd<'_>) -> io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(rustix::mount::move_mount(mount, c"", target, c"", flags)?)
}

/// The argument of mount_setattr(2), `struct mount_attr` of linux/mount.h.
#[repr(C)]
struct MountAttr {
    attr_set: u64,
    attr_clr: u64,
    propagation: u64,
    userns_fd: u64,
}

fn change(mount: BorrowedFd<'_>, depth: Depth, set: u64, propagation: u64) -> io::Result<()> {
    let argument = MountAttr { attr_set: set, attr_clr: 0, propagation, userns_fd: 0 };
    let recursive = if depth == Depth::Recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is a static C string, `argument` outlives the call, its size is passed, and the call writes nothing.
    let status = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | recursive,
            &raw const argument,
            size_of::<MountAttr>(),
        )
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use rustix::fs::{Mode, OFlags, StatVfsMountFlags};

    use super::*;

    fn create(dir: BorrowedFd<'_>, name: &str) -> rustix::io::Result<OwnedFd> {
        rustix::fs::openat(dir, name, OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC, Mode::from_raw_mode(0o644))
    }

    #[test]
    fn tmpfs_has_the_mode_and_size_asked_for() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let mount = tmpfs(Some(1 << 20), 0o1770, Attributes::MOUNT_ATTR_NOEXEC).unwrap();
        assert_eq!(rustix::fs::fstat(&mount).unwrap().st_mode & 0o7777, 0o1770);
        let numbers = rustix::fs::fstatvfs(&mount).unwrap();
        assert_eq!(numbers.f_blocks * numbers.f_frsize, 1 << 20);
        assert!(numbers.f_flag.contains(StatVfsMountFlags::NOEXEC));
    }

    #[test]
    fn read_only_bind_refuses_writes_and_leaves_the_source_alone() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let source = File::open(dir.path()).unwrap();
        let clone = bind(source.as_fd(), Depth::Single, Attributes::MOUNT_ATTR_RDONLY).unwrap();
        assert_eq!(create(clone.as_fd(), "a").unwrap_err(), rustix::io::Errno::ROFS);
        create(source.as_fd(), "a").unwrap();
        rustix::fs::statat(&clone, "a", rustix::fs::AtFlags::empty()).unwrap();
    }
}
