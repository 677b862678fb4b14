//! The launcher as its owner sees it: it runs programs, and it takes the steps with it when its owner dies.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType};
use rustix::process::{Signal, WaitId, WaitIdOptions};

use super::arena::Arena;
use super::program::Program;
use super::service;
use super::surroundings::{self, Setup};
use super::wire::{self, Answer, BEFORE_THE_FIRST};
use crate::process::{Cloned, clone_process};
use crate::seccomp::Filter;

pub use super::surroundings::Surroundings;

/// How a launcher is set up.
#[derive(Debug)]
pub struct LauncherSetup {
    /// What the launcher sees of the machine.
    pub surroundings: Surroundings,
    /// The capabilities that steps may have at most, as a bit set.
    pub bounding: u64,
    /// The seccomp filters that steps load by their index here.
    pub filters: Vec<Filter>,
}

/// Why a launcher did not start.
#[derive(Debug, thiserror::Error)]
pub enum LauncherFailure {
    /// The process could not be made.
    #[error("cannot make the launcher's process")]
    Clone(#[source] io::Error),
    /// One of its own preparations failed.
    #[error("the launcher cannot {stage}")]
    Setup {
        /// What it was about to do.
        stage: &'static str,
        /// The kernel's answer.
        source: io::Error,
    },
    /// It died before it was ready.
    #[error("the launcher died while it started")]
    Died,
}

/// A running launcher; dropping it ends it and every step.
#[derive(Debug)]
pub struct Launcher {
    socket: OwnedFd,
    pidfd: OwnedFd,
}

/// A step on its way or running; dropping it kills the step.
#[derive(Debug)]
pub struct Step {
    channel: OwnedFd,
}

/// How a step ended and what it used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The wait status, as wait(2) gives it.
    pub status: i32,
    /// CPU time in user mode, of the step and its awaited descendants.
    pub user_us: u64,
    /// CPU time in kernel mode.
    pub system_us: u64,
    /// Largest resident set of one process, in KiB.
    pub peak_rss_kib: u64,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command ran and ended.
    Ended(Ended),
    /// The command never ran: operation `op` of the program failed; without a number, the process could not be made.
    Failed {
        /// Which operation.
        op: Option<u32>,
        /// The kernel's answer.
        errno: i32,
    },
    /// The launcher died, and the step with it.
    Lost,
}

impl Launcher {
    /// Begins to start a launcher; it is there when [`Launcher::wait_ready`] says so.
    ///
    /// The launcher dies with the *thread* that calls this (PR_SET_PDEATHSIG), and a socket tells it when the process is
    /// gone: call it from the main thread or one that lives as long. It holds no descriptor of the caller but the socket.
    pub fn begin(setup: &LauncherSetup) -> Result<Launcher, LauncherFailure> {
        let (ours, theirs) = socket_pair().map_err(LauncherFailure::Clone)?;
        let mut arena = Arena::new(&setup.filters).map_err(LauncherFailure::Clone)?;
        let plain = Setup { surroundings: setup.surroundings, bounding: setup.bounding };
        match clone_process(setup.surroundings.namespaces()) {
            Err(error) => Err(LauncherFailure::Clone(error.into())),
            Ok(Cloned::Child) => service::main(theirs, &plain, &mut arena),
            Ok(Cloned::Parent { pidfd, .. }) => {
                drop(theirs);
                Ok(Launcher { socket: ours, pidfd })
            }
        }
    }

    /// Waits until the launcher stands; to be called once, before anything is run.
    pub fn wait_ready(&self) -> Result<(), LauncherFailure> {
        match wire::wait_answer(self.socket.as_fd()).map_err(LauncherFailure::Clone)? {
            Some(Answer::Ready) => Ok(()),
            Some(Answer::Failed { op, errno }) => Err(LauncherFailure::Setup {
                stage: surroundings::stage_name(op),
                source: io::Error::from_raw_os_error(errno),
            }),
            Some(Answer::Ended { .. }) | None => Err(LauncherFailure::Died),
        }
    }

    /// Sends a program to be run in a process of its own; any number of threads may do so at once.
    pub fn run(&self, program: &Program) -> io::Result<Step> {
        let (ours, theirs) = socket_pair()?;
        wire::send_program(self.socket.as_fd(), &program.encode(), theirs.as_fd(), program.descriptors())?;
        Ok(Step { channel: ours })
    }

    /// Kills the launcher with every step and does not wait for it, as dropping it does.
    pub fn kill(&self) {
        // A launcher that is gone already needs no signal.
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Returns the descriptor of the launcher's process.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

impl Drop for Launcher {
    fn drop(&mut self) {
        self.kill();
        // Waiting for one that is gone already returns at once.
        while let Err(Errno::INTR) = rustix::process::waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED) {
        }
    }
}

impl Step {
    /// Asks the launcher to kill the step; harmless when it has ended.
    pub fn kill(&self) {
        // A launcher that is gone has taken the step with it.
        let _ = rustix::net::send(&self.channel, b"k", SendFlags::NOSIGNAL | SendFlags::DONTWAIT);
    }

    /// Waits for the end of the step.
    pub fn wait(&self) -> io::Result<Outcome> {
        let mut failure = None;
        loop {
            match wire::wait_answer(self.channel.as_fd())? {
                Some(Answer::Failed { op: BEFORE_THE_FIRST, errno }) => return Ok(Outcome::Failed { op: None, errno }),
                Some(Answer::Failed { op, errno }) => failure = Some(Outcome::Failed { op: Some(op), errno }),
                Some(Answer::Ended { status, user_us, system_us, peak_rss_kib }) => {
                    let ended = Outcome::Ended(Ended { status, user_us, system_us, peak_rss_kib });
                    return Ok(failure.unwrap_or(ended));
                }
                Some(Answer::Ready) => {}
                None => return Ok(Outcome::Lost),
            }
        }
    }
}

fn socket_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}
