//! What can keep a step from running.

use std::io;
use std::path::PathBuf;

use containr_sys::step::LauncherFailure;

/// Why a plan could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The launcher did not start.
    #[error("cannot start the launcher")]
    Launcher(#[source] LauncherFailure),
    /// The launcher died, and every step with it.
    #[error("the launcher is gone")]
    LauncherGone,
    /// The plan is not one that can be run.
    #[error("{what} is not possible: {reason}")]
    Invalid {
        /// The part of the plan.
        what: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The chosen isolation lacks what the plan asks for.
    #[error("{feature} needs namespaces; chroot isolation has none")]
    Unsupported {
        /// What was asked for.
        feature: &'static str,
    },
    /// The plan could not be handed over.
    #[error("cannot hand the step over to the launcher")]
    Send(#[source] io::Error),
    /// No answer could be read.
    #[error("cannot read the launcher's answer")]
    Receive(#[source] io::Error),
    /// No process could be made.
    #[error("cannot make a process for the step")]
    Process(#[source] io::Error),
    /// A preparation of the sandbox failed.
    #[error("cannot {stage}")]
    Setup {
        /// What was being done.
        stage: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// A mount of the plan could not be made.
    #[error("cannot mount on {}", target.display())]
    Mount {
        /// Its target.
        target: PathBuf,
        /// The kernel's answer: `EPERM` for a target below /proc or /sys.
        source: io::Error,
    },
    /// The working directory cannot be entered or made.
    #[error("cannot enter the working directory {}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The command cannot be run: `NotFound` (a shell's 127) or else (126).
    #[error("cannot run {command:?}")]
    Command {
        /// The command as given.
        command: String,
        /// The kernel's answer.
        source: io::Error,
    },
}
