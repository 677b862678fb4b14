//! A child's operations on itself: session, streams, limits, filter, groups, ids, capabilities.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::{Errno, Result};

use crate::process::checked;
use crate::seccomp::Instruction;

/// The capability interface of linux/capability.h with 64-bit sets.
const CAPABILITY_VERSION_3: u32 = 0x2008_0522;
/// `KEYCTL_JOIN_SESSION_KEYRING` of linux/keyctl.h.
const KEYCTL_JOIN_SESSION_KEYRING: libc::c_long = 1;

/// Makes `source` the standard stream `number`, not closed by an exec.
pub(super) fn become_stream(source: BorrowedFd<'_>, number: i32) -> Result<()> {
    // SAFETY: both numbers are plain descriptors; 0 to 2 of a child belong to nobody else.
    checked(unsafe { libc::dup2(source.as_raw_fd(), number) }.into()).map(|_| ())
}

/// Joins a new, anonymous session keyring, so that the builder's keys are out of reach.
pub(super) fn join_keyring() {
    // SAFETY: keyctl(2) with a null name reads no memory. A kernel without keyrings has none to leave.
    unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) };
}

/// Loads a filter, without the speculation penalty of old kernels.
pub(super) fn load_filter(instructions: &[Instruction]) -> Result<()> {
    let length = u16::try_from(instructions.len()).map_err(|_| Errno::TOOBIG)?;
    let program = libc::sock_fprog { len: length, filter: instructions.as_ptr().cast_mut().cast() };
    // SAFETY: `program` names `length` instructions laid out as the kernel's sock_filter; the kernel only reads them.
    let status = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW,
            &raw const program,
        )
    };
    checked(status).map(|_| ())
}

/// Sets a resource limit.
pub(super) fn set_limit(resource: u32, soft: u64, hard: u64) -> Result<()> {
    // The kernel's `struct rlimit64`: the limit in force, then the highest.
    let limit = [soft, hard];
    // SAFETY: the kernel reads the two words of `limit`; no old value is asked for.
    let status = unsafe { libc::syscall(libc::SYS_prlimit64, 0, resource, limit.as_ptr(), std::ptr::null::<u64>()) };
    checked(status).map(|_| ())
}

/// Drops every capability outside `keep` from the bounding set.
pub(super) fn bound_capabilities(keep: u64) -> Result<()> {
    for capability in (0..64_u64).filter(|capability| keep & (1 << capability) == 0) {
        // SAFETY: this prctl takes numbers alone.
        match checked(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) }.into()) {
            Err(Errno::INVAL) => break,
            other => other?,
        };
    }
    Ok(())
}

/// Sets the supplementary groups, read from decimal texts into `scratch`.
pub(super) fn set_groups<'text>(
    groups: impl Iterator<Item = Option<&'text CStr>>,
    scratch: &mut [usize],
) -> Result<()> {
    // SAFETY: any bit pattern of initialised words is valid as 32-bit numbers.
    let (_, numbers, _) = unsafe { scratch.align_to_mut::<libc::gid_t>() };
    let mut count = 0;
    for group in groups {
        let digits = group.and_then(|text| text.to_str().ok()).ok_or(Errno::INVAL)?;
        *numbers.get_mut(count).ok_or(Errno::TOOBIG)? = digits.parse().map_err(|_| Errno::INVAL)?;
        count += 1;
    }
    // SAFETY: the kernel reads `count` numbers, all written above. The raw call changes this thread, the only one.
    checked(unsafe { libc::syscall(libc::SYS_setgroups, count, numbers.as_ptr()) }).map(|_| ())
}

/// Sets real, effective and saved ids, the group first.
pub(super) fn set_ids(uid: u32, gid: u32) -> Result<()> {
    // SAFETY: both calls take numbers alone. The raw calls change this thread, the only one.
    checked(unsafe { libc::syscall(libc::SYS_setresgid, gid, gid, gid) })?;
    // SAFETY: as above.
    checked(unsafe { libc::syscall(libc::SYS_setresuid, uid, uid, uid) }).map(|_| ())
}

/// Sets permitted and effective capabilities to those of `keep` that the process has; none stays inheritable or ambient.
pub(super) fn set_capabilities(keep: u64) -> Result<()> {
    let header = [CAPABILITY_VERSION_3, 0];
    // Effective, permitted and inheritable sets: the low words, then the high ones.
    let mut sets = [0_u32; 6];
    // SAFETY: the kernel reads the two header words and writes the six words of version 3.
    checked(unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), sets.as_mut_ptr()) })?;
    let (low, high) = ((keep & 0xffff_ffff) as u32 & sets[1], (keep >> 32) as u32 & sets[4]);
    sets = [low, low, 0, high, high, 0];
    // SAFETY: the kernel reads the two header words and the six words of version 3.
    checked(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr()) }).map(|_| ())
}

/// Gives up gaining privileges by exec.
pub(super) fn set_no_new_privileges() -> Result<()> {
    // SAFETY: this prctl takes numbers alone.
    checked(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }.into()).map(|_| ())
}

/// Brings the loopback interface up.
pub(super) fn raise_loopback() -> Result<()> {
    let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::DGRAM, None)?;
    // SAFETY: `ifreq` is plain data; all zeros is a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // A character of C has a sign on some machines and none on others.
    request.ifr_name[..2].copy_from_slice(&b"lo".map(|byte| byte as libc::c_char));
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // The number of a request is a signed one with musl.
    let set_flags = libc::SIOCSIFFLAGS as libc::Ioctl;
    // SAFETY: SIOCSIFFLAGS reads an ifreq, which `request` is.
    checked(unsafe { libc::ioctl(socket.as_raw_fd(), set_flags, &raw const request) }.into()).map(|_| ())
}

/// Runs the first candidate that exists; returns only with an error.
///
/// As in a shell's search, a candidate that may not be run is remembered and the search goes on.
pub(super) fn execute<'text>(
    candidates: impl Iterator<Item = Option<&'text CStr>>,
    arguments: impl Iterator<Item = Option<&'text CStr>>,
    environment: impl Iterator<Item = Option<&'text CStr>>,
    scratch: &mut [usize],
) -> Result<()> {
    let used = write_pointers(arguments, scratch)?;
    let (arguments, rest) = scratch.split_at_mut(used);
    let used = write_pointers(environment, rest)?;
    let environment = &rest[..used];
    // SAFETY: close_range(2) takes numbers; marking descriptors close-on-exec takes none away from this process.
    checked(unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) })?;
    let mut failure = Errno::NOENT;
    for candidate in candidates {
        let path = candidate.ok_or(Errno::INVAL)?;
        // SAFETY: path is a C string that outlives the call. Asking costs a tenth of an execve(2) that finds nothing.
        if unsafe { libc::access(path.as_ptr(), libc::F_OK) } == -1 && crate::process::last_errno() == Errno::NOENT {
            continue;
        }
        // SAFETY: path and the strings behind both null-terminated arrays are C strings that outlive the call.
        unsafe { libc::execve(path.as_ptr(), arguments.as_ptr().cast(), environment.as_ptr().cast()) };
        match crate::process::last_errno() {
            Errno::NOENT | Errno::NOTDIR => {}
            Errno::ACCESS => failure = Errno::ACCESS,
            other => return Err(other),
        }
    }
    Err(failure)
}

/// Writes the addresses of texts and a null; returns how many words that took.
fn write_pointers<'text>(texts: impl Iterator<Item = Option<&'text CStr>>, words: &mut [usize]) -> Result<usize> {
    let mut used = 0;
    for text in texts {
        *words.get_mut(used).ok_or(Errno::TOOBIG)? = text.ok_or(Errno::INVAL)?.as_ptr().addr();
        used += 1;
    }
    *words.get_mut(used).ok_or(Errno::TOOBIG)? = 0;
    Ok(used + 1)
}
