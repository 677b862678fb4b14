//! Process creation by clone(2), behind the back of the C library.

use std::os::fd::{FromRawFd, OwnedFd};

use rustix::io::Errno;

/// Which side of a clone this is.
pub(crate) enum Cloned {
    /// The new process.
    Child,
    /// The old one, with the new one's pid and pidfd.
    Parent { pid: i32, pidfd: OwnedFd },
}

/// Clones the calling process, as fork(2) does, into new namespaces (`CLONE_NEW*` bits).
///
/// The child has the calling thread alone, so it must not allocate or take locks, and never returns from its caller's
/// frames. clone(2) does all that clone3(2) would here, and filters that refuse clone3 let it pass.
pub(crate) fn clone_process(namespaces: u64) -> Result<Cloned, Errno> {
    let mut pidfd: libc::c_int = -1;
    let flags = namespaces | (libc::CLONE_PIDFD | libc::SIGCHLD) as u64;
    // SAFETY: without CLONE_VM the child works on a copy of this stack; the kernel writes the pidfd to `pidfd` only.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0, &raw mut pidfd, 0, 0) };
    match i32::try_from(pid) {
        Ok(0) => Ok(Cloned::Child),
        Ok(pid) if pid > 0 => {
            // SAFETY: the kernel has just made this descriptor for us alone.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            Ok(Cloned::Parent { pid, pidfd })
        }
        _ => Err(last_errno()),
    }
}

/// Ends the process at once, running no exit handler.
pub(crate) fn exit_now(status: i32) -> ! {
    // SAFETY: _exit(2) takes a number and does not return.
    unsafe { libc::_exit(status) }
}

/// Returns the error of the last raw system call.
pub(crate) fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}

/// Turns the result of a raw system call into a value or its error.
pub(crate) fn checked(status: libc::c_long) -> Result<libc::c_long, Errno> {
    if status == -1 { Err(last_errno()) } else { Ok(status) }
}
