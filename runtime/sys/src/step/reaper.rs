//! Ends of processes: statuses, what they used, and leftovers of steps without a pid namespace.

use std::convert::Infallible;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use super::wire::{Answer, BEFORE_THE_FIRST, answer};
use crate::process::{Cloned, clone_process, exit_now};

/// Collects a child that has ended; nothing if it has not.
pub(super) fn reap(pid: i32) -> Option<Answer> {
    collect(pid, libc::WNOHANG)
}

/// Waits for a child's end.
pub(super) fn wait(pid: i32) -> Option<Answer> {
    collect(pid, 0)
}

fn collect(pid: i32, options: libc::c_int) -> Option<Answer> {
    let mut status = 0;
    // SAFETY: `rusage` is plain data; all zeros is a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: the kernel writes one status and one rusage to places of that type.
        let ended = unsafe { libc::wait4(pid, &raw mut status, options, &raw mut usage) };
        if ended == pid {
            return Some(Answer::Ended {
                status,
                user_us: microseconds(usage.ru_utime),
                system_us: microseconds(usage.ru_stime),
                peak_rss_kib: u64::try_from(usage.ru_maxrss).unwrap_or(0),
            });
        }
        if ended == 0 || crate::process::last_errno() != Errno::INTR {
            return None;
        }
    }
}

fn microseconds(time: libc::timeval) -> u64 {
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_usec).unwrap_or(0)
}

/// Stays between the launcher and a command that has no pid namespace, so that nothing of it survives.
///
/// Runs `command` in a child and answers for it on `channel`. Before that it kills whatever the command left behind,
/// which the kernel hands to it (child subreaper). A word or the end of file on `channel` kills the command.
pub(super) fn supervise(channel: BorrowedFd<'_>, command: impl FnOnce() -> Infallible) -> ! {
    let started = rustix::process::set_child_subreaper(Some(Pid::INIT)).and_then(|()| clone_process(0));
    match started {
        Err(error) => {
            answer(channel, Answer::Failed { op: BEFORE_THE_FIRST, errno: error.raw_os_error() });
            exit_now(255)
        }
        Ok(Cloned::Child) => match command() {},
        Ok(Cloned::Parent { pid, pidfd }) => {
            close_others(channel, pidfd.as_fd());
            await_end(channel, pidfd.as_fd());
            let ended = wait(pid);
            while kill_children() {}
            ended.into_iter().for_each(|ended| answer(channel, ended));
            exit_now(0)
        }
    }
}

/// Closes what belongs to the command alone, its ends of pipes above all.
fn close_others(channel: BorrowedFd<'_>, pidfd: BorrowedFd<'_>) {
    let (low, high) = (channel.as_raw_fd().min(pidfd.as_raw_fd()), channel.as_raw_fd().max(pidfd.as_raw_fd()));
    for (first, last) in [(3, low - 1), (low + 1, high - 1), (high + 1, i32::MAX)] {
        if first <= last {
            // SAFETY: this process goes on to use the two descriptors left out, and no value that owns another is dropped.
            unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
        }
    }
}

/// Waits for the command's end and kills it when its owner says so or is gone.
fn await_end(channel: BorrowedFd<'_>, pidfd: BorrowedFd<'_>) {
    let mut watched = 2;
    loop {
        let mut list =
            [PollFd::from_borrowed_fd(pidfd, PollFlags::IN), PollFd::from_borrowed_fd(channel, PollFlags::IN)];
        if rustix::event::poll(&mut list[..watched], None).is_err() {
            continue;
        }
        if !list[0].revents().is_empty() {
            return;
        }
        // A command that has ended meanwhile needs no signal.
        let _ = rustix::process::pidfd_send_signal(pidfd, Signal::KILL);
        watched = 1;
    }
}

/// Kills and collects the children there are; says whether there were any.
///
/// Killing one may bring its own children here, so the caller asks again. Without /proc there is no list to kill by.
fn kill_children() -> bool {
    let list = rustix::fs::open(c"/proc/thread-self/children", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    let mut text = [0; 4096];
    let length = list.and_then(|list| rustix::io::read(&list, &mut text)).unwrap_or(0);
    // The last number may be cut off; a space ends each whole one.
    let end = text[..length].iter().rposition(|byte| *byte == b' ').unwrap_or(0);
    let numbers = text[..end].split(|byte| *byte == b' ').filter_map(|digits| std::str::from_utf8(digits).ok());
    let mut found = false;
    for pid in numbers.filter_map(|digits| Pid::from_raw(digits.parse().ok()?)) {
        // It cannot be another process: nobody but this one collects its children.
        let _ = rustix::process::kill_process(pid, Signal::KILL);
        wait(pid.as_raw_nonzero().get());
        found = true;
    }
    found
}
