//! Owners of files, also in a user namespace that has only some ids or a single one.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::OnceLock;

use rustix::fs::{AtFlags, Gid, Uid};
use rustix::io::Errno;

/// An owner that this user namespace has no ids for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("owner {uid}:{gid} has no ids in this user namespace")]
pub struct UnmappedOwner {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// Gives an open file or directory to an owner; with a single id to give it stays as it is.
///
/// # Errors
/// [`UnmappedOwner`] as the cause of an [`io::ErrorKind::InvalidInput`] where there are several ids and not this one.
pub fn set(file: BorrowedFd<'_>, uid: u32, gid: u32) -> io::Result<()> {
    judge(rustix::fs::fchown(file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid))), uid, gid)
}

/// Gives the entry `name` of a directory to an owner as [`set`] does, and does not follow a link.
///
/// # Errors
/// As [`set`].
pub fn set_at(parent: BorrowedFd<'_>, name: impl rustix::path::Arg, uid: u32, gid: u32) -> io::Result<()> {
    let ids = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
    judge(rustix::fs::chownat(parent, name, ids.0, ids.1, AtFlags::SYMLINK_NOFOLLOW), uid, gid)
}

/// The kernel answers `EINVAL` for ids that are not mapped, and for nothing else.
fn judge(result: Result<(), Errno>, uid: u32, gid: u32) -> io::Result<()> {
    match result {
        Err(Errno::INVAL) if single_id() => Ok(()),
        Err(Errno::INVAL) => Err(io::Error::new(io::ErrorKind::InvalidInput, UnmappedOwner { uid, gid })),
        other => Ok(other?),
    }
}

/// Returns whether the user namespace has one user id; first asked inside it, since outside no id is unmapped.
fn single_id() -> bool {
    static SINGLE: OnceLock<bool> = OnceLock::new();
    *SINGLE.get_or_init(|| std::fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| counts_one(&map)))
}

fn counts_one(map: &str) -> bool {
    map.lines().map(|line| line.split_whitespace().nth(2)).eq([Some("1")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_with_one_id_is_a_single_id() {
        assert!(counts_one("         0       1001          1\n"));
        assert!(!counts_one("0 1001 1\n1 100000 65536\n"));
        assert!(!counts_one("0 0 4294967295\n"));
    }

    #[test]
    fn an_owner_without_ids_is_named() {
        let error = judge(Err(Errno::INVAL), 70_000, 5).unwrap_err();
        assert_eq!(error.to_string(), "owner 70000:5 has no ids in this user namespace");
    }
}
