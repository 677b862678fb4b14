//! Carries owner, mode, extended attributes and times from one entry to another.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{AtFlags, Gid, Mode, Stat, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::{Errno, Result};

/// The largest value of an extended attribute that the kernel takes, in bytes.
const LARGEST: usize = 64 * 1024;

/// Gives `to` (an open file or directory) all attributes of `from`; times come last.
pub(crate) fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> Result<()> {
    let stat = rustix::fs::fstat(from)?;
    own(to, &stat)?;
    copy_xattrs(from, to)?;
    rustix::fs::futimens(to, &times(&stat))
}

/// Sets owner and mode; the mode after the owner, whose change clears setuid.
fn own(to: BorrowedFd<'_>, stat: &Stat) -> Result<()> {
    let (uid, gid) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
    rustix::fs::fchown(to, Some(uid), Some(gid))?;
    rustix::fs::fchmod(to, Mode::from_raw_mode(stat.st_mode & 0o7777))
}

/// Sets owner, mode and times of an entry that cannot be opened: a link or a special file.
pub(crate) fn set_by_name(parent: impl AsFd, name: &CStr, stat: &Stat) -> Result<()> {
    let parent = parent.as_fd();
    let (uid, gid) = (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid));
    rustix::fs::chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)?;
    if rustix::fs::FileType::from_raw_mode(stat.st_mode) != rustix::fs::FileType::Symlink {
        rustix::fs::chmodat(parent, name, Mode::from_raw_mode(stat.st_mode & 0o7777), AtFlags::empty())?;
    }
    rustix::fs::utimensat(parent, name, &times(stat), AtFlags::SYMLINK_NOFOLLOW)
}

/// Returns access and modification time, to the nanosecond.
#[expect(clippy::cast_possible_wrap, reason = "the kernel gives nanoseconds below one billion")]
pub(crate) fn times(stat: &Stat) -> Timestamps {
    Timestamps {
        last_access: Timespec { tv_sec: stat.st_atime, tv_nsec: stat.st_atime_nsec as i64 },
        last_modification: Timespec { tv_sec: stat.st_mtime, tv_nsec: stat.st_mtime_nsec as i64 },
    }
}

/// Copies extended attributes but overlay's own marks.
fn copy_xattrs(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> Result<()> {
    let mut names = vec![0_u8; 1024];
    let length = loop {
        match rustix::fs::flistxattr(from, &mut names[..]) {
            Ok(length) => break length,
            Err(Errno::RANGE) if names.len() < LARGEST => names.resize(LARGEST, 0),
            Err(Errno::OPNOTSUPP) => return Ok(()),
            Err(error) => return Err(error),
        }
    };
    let mut value = Vec::new();
    for name in names[..length].split_inclusive(|byte| *byte == 0) {
        let name = CStr::from_bytes_with_nul(name).map_err(|_| Errno::INVAL)?;
        let text = name.to_bytes();
        if text.starts_with(b"trusted.overlay.") || text.starts_with(b"user.overlay.") {
            continue;
        }
        value.resize(LARGEST, 0);
        let length = rustix::fs::fgetxattr(from, name, &mut value[..])?;
        match rustix::fs::fsetxattr(to, name, &value[..length], XattrFlags::empty()) {
            // Labels of a security module belong to the host, and a tmpfs of old kernels has no user attributes.
            Err(Errno::OPNOTSUPP) => {}
            Err(Errno::PERM) if text.starts_with(b"security.selinux") => {}
            other => other?,
        }
    }
    Ok(())
}
