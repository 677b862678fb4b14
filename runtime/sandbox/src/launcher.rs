//! Runs plans: hands them to the launcher's process and tells what came of them.

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Arc, Weak};

use containr_sys::seccomp::{self, Filter};
use containr_sys::step::{self, LauncherSetup, Outcome, Step, Surroundings};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

use crate::compile::{self, Stages, Streams};
use crate::defaults;
use crate::error::SandboxError;
use crate::layout::Layout;
use crate::memory::KillCounter;
use crate::plan::{Exit, Ids, Isolation, Plan, Report, Stdio, Usage, User};
use crate::probe::{self, ProcSource};

/// How steps of a launcher are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LauncherOptions {
    /// The user namespace the caller is in.
    pub ids: Ids,
    /// How steps are kept apart.
    pub isolation: Isolation,
}

/// The process that runs steps; dropping it ends it and every step.
#[derive(Debug)]
pub struct Launcher {
    process: step::Launcher,
    layout: Layout,
    null: OwnedFd,
    kills: Option<Arc<KillCounter>>,
}

/// A launcher's process that may not stand yet; dropping it ends it.
#[derive(Debug)]
pub struct Begun {
    process: step::Launcher,
    options: LauncherOptions,
    null: OwnedFd,
}

impl Begun {
    /// Waits until the launcher stands.
    pub fn finish(self) -> Result<Launcher, SandboxError> {
        let Begun { process, options, null } = self;
        process.wait_ready().map_err(SandboxError::Launcher)?;
        let proc = match options {
            LauncherOptions { isolation: Isolation::Chroot, .. } => ProcSource::None,
            LauncherOptions { ids: Ids::Initial, .. } => ProcSource::Fresh,
            LauncherOptions { .. } => probe::probe_proc(&process).map_err(SandboxError::Process)?,
        };
        let layout = Layout::find(options, proc);
        Ok(Launcher { process, layout, null, kills: KillCounter::open().map(Arc::new) })
    }
}

impl Launcher {
    /// Starts the launcher's process and waits until it stands.
    ///
    /// It dies with the thread that calls this: call it from the main thread, or from one that lives as long as steps run.
    /// The caller has entered the user namespace that `options` name and a mount namespace of its own there.
    pub fn start(options: LauncherOptions) -> Result<Launcher, SandboxError> {
        Self::begin(options)?.finish()
    }

    /// Begins what [`Launcher::start`] does, for who has other work until the launcher stands.
    pub fn begin(options: LauncherOptions) -> Result<Begun, SandboxError> {
        let surroundings = match options {
            LauncherOptions { isolation: Isolation::Chroot, .. } => Surroundings::Shared,
            LauncherOptions { ids: Ids::Initial, .. } => Surroundings::Bare,
            LauncherOptions { ids: Ids::Ranges | Ids::Single, .. } => Surroundings::Borrowed,
        };
        let setup =
            LauncherSetup { surroundings, bounding: defaults::CAPABILITIES, filters: vec![filter(options.ids)] };
        let null = File::options().read(true).write(true).open("/dev/null").map_err(SandboxError::Send)?;
        let process = step::Launcher::begin(&setup).map_err(SandboxError::Launcher)?;
        Ok(Begun { process, options, null: null.into() })
    }

    /// Starts a step; any number of threads may do so at once.
    ///
    /// Returns when the plan is handed over; whatever keeps the command from running is told by [`Running::wait`].
    pub fn run(&self, plan: Plan) -> Result<Running, SandboxError> {
        let mut plan = plan;
        let stdio = std::mem::replace(&mut plan.stdio, Stdio::Pipes);
        let spent = std::mem::take(&mut plan.spent);
        let (streams, stdout, stderr) = self.open_streams(stdio, &plan.user).map_err(SandboxError::Send)?;
        let (program, stages) = compile::compile(plan, streams, self.layout)?.split();
        let kills = self.kills.as_ref().and_then(|counter| Some((Arc::clone(counter), counter.read()?)));
        let step = self.process.run(&program).map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::PIPE | Errno::CONNRESET) => SandboxError::LauncherGone,
            _ => SandboxError::Send(error),
        })?;
        drop(spent);
        Ok(Running { stdout, stderr, step: Arc::new(step), stages, kills })
    }

    /// Kills the launcher with every step and does not wait for it, as dropping it does.
    pub fn kill(&self) {
        self.process.kill();
    }

    /// Returns the descriptor of the launcher's process, which becomes readable when it dies.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.process.pidfd()
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    fn open_streams(&self, stdio: Stdio, user: &User) -> io::Result<(Streams, Option<OwnedFd>, Option<OwnedFd>)> {
        match stdio {
            Stdio::Given { stdin, stdout, stderr } => {
                Ok((Streams { input: stdin, output: stdout, error: stderr }, None, None))
            }
            Stdio::Pipes => {
                let (out_reader, output) = pipe_of(user)?;
                let (error_reader, error) = pipe_of(user)?;
                let input = self.null.try_clone()?;
                Ok((Streams { input, output, error }, Some(out_reader), Some(error_reader)))
            }
        }
    }
}

/// Makes a pipe that `user` may open again through /dev/stdout.
fn pipe_of(user: &User) -> io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    if user.uid != 0 || user.gid != 0 {
        let ids = (rustix::fs::Uid::from_raw(user.uid), rustix::fs::Gid::from_raw(user.gid));
        // Where ids cannot be changed the step runs as the pipe's owner anyway.
        let _ = rustix::fs::fchown(&writer, Some(ids.0), Some(ids.1));
    }
    Ok((reader, writer))
}

/// Builds the filter of all steps; with a single id, calls that change owners and ids do nothing.
fn filter(ids: Ids) -> Filter {
    let owners = if ids == Ids::Single { seccomp::Owners::Pretended } else { seccomp::Owners::Real };
    Filter::build(defaults::CAPABILITIES, owners)
}

/// A step on its way or running; dropping it kills the step.
#[derive(Debug)]
pub struct Running {
    /// The reading end of standard output, with [`Stdio::Pipes`].
    pub stdout: Option<OwnedFd>,
    /// The reading end of standard error, with [`Stdio::Pipes`].
    pub stderr: Option<OwnedFd>,
    step: Arc<Step>,
    stages: Stages,
    kills: Option<(Arc<KillCounter>, u64)>,
}

/// Kills a step from anywhere, at any time.
#[derive(Clone, Debug)]
pub struct KillHandle {
    step: Weak<Step>,
}

impl KillHandle {
    /// Returns whether the step may still run: nobody has waited for its end.
    pub fn is_alive(&self) -> bool {
        self.step.strong_count() > 0
    }

    /// Kills the step's whole process tree; harmless when it has ended.
    pub fn kill(&self) {
        if let Some(step) = self.step.upgrade() {
            step.kill();
        }
    }
}

impl Running {
    /// Returns a handle to kill the step by, also while another thread waits for it.
    pub fn kill_handle(&self) -> KillHandle {
        KillHandle { step: Arc::downgrade(&self.step) }
    }

    /// Waits until the step's whole process tree is gone.
    pub fn wait(self) -> Result<Report, SandboxError> {
        match self.step.wait().map_err(SandboxError::Receive)? {
            Outcome::Lost => Err(SandboxError::LauncherGone),
            Outcome::Failed { op: None, errno } => Err(SandboxError::Process(io::Error::from_raw_os_error(errno))),
            Outcome::Failed { op: Some(op), errno } => Err(self.stages.explain(op, errno)),
            Outcome::Ended(ended) => {
                let grown =
                    |(counter, before): &(Arc<KillCounter>, u64)| counter.read().is_some_and(|now| now > *before);
                Ok(Report {
                    exit: exit_of(ended.status),
                    out_of_memory: self.kills.as_ref().is_some_and(grown),
                    usage: Usage {
                        user_us: ended.user_us,
                        system_us: ended.system_us,
                        peak_rss_kib: ended.peak_rss_kib,
                    },
                })
            }
        }
    }
}

fn exit_of(status: i32) -> Exit {
    let status = ExitStatus::from_raw(status);
    status.code().map(Exit::Code).or(status.signal().map(Exit::Signal)).unwrap_or(Exit::Code(255))
}
