//! The working directory of a child: made where it is missing, and proven to lie inside the root.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, Result};

use crate::process::checked;

/// Enters the absolute `path` of the current root; missing directories are made, mode 0755 under the current mask.
///
/// Links are followed, but none of /proc's, which could lead out through a descriptor.
pub(super) fn enter(path: &CStr) -> Result<()> {
    let directory = match open(CWD, path) {
        Err(Errno::NOENT) => make_all(path)?,
        other => other?,
    };
    rustix::process::fchdir(&directory)?;
    prove_inside()
}

fn open(at: BorrowedFd<'_>, path: &CStr) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat2(at, path, flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS)
}

fn make_all(path: &CStr) -> Result<OwnedFd> {
    let mut current = open(CWD, c"/")?;
    let mut buffer = [0_u8; 256];
    for component in path.to_bytes().split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
        let Some((name, rest)) = buffer.split_at_mut_checked(component.len()) else { return Err(Errno::NAMETOOLONG) };
        name.copy_from_slice(component);
        *rest.first_mut().ok_or(Errno::NAMETOOLONG)? = 0;
        let name = CStr::from_bytes_until_nul(&buffer).map_err(|_| Errno::INVAL)?;
        match rustix::fs::mkdirat(current.as_fd(), name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
        current = open(current.as_fd(), name)?;
    }
    Ok(current)
}

/// Asks the kernel for the path of the working directory, which it gives without a leading slash when unreachable.
fn prove_inside() -> Result<()> {
    let mut buffer = [0_u8; 4096];
    // SAFETY: the kernel writes at most `buffer.len()` bytes to `buffer`.
    checked(unsafe { libc::syscall(libc::SYS_getcwd, buffer.as_mut_ptr(), buffer.len()) })?;
    if buffer[0] == b'/' { Ok(()) } else { Err(Errno::XDEV) }
}
