//! What the solver asks of the engine: running commands and bringing images.

use std::io::Write;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;

use containr_graph::{Image, InlineFile, MountKind, Security};
use containr_oci::Digest;
use containr_progress::{Cancel, Event, Progress, TaskId};
use containr_sandbox::{Access, Exit, Isolation, Mount, MountSource, Seccomp, Stdio};
use containr_snapshot::View;
use containr_solve::{Fetcher, PortError, RunMount, RunOutcome, RunRequest, Runner};
use containr_sys::beneath::{self, Links};
use containr_sys::mount::{self, Attributes, Depth};
use rustix::fs::OFlags;

use crate::pump::pump;
use crate::sandbox::{Command, NetworkFiles, memory_file};
use crate::work::TaskWork;
use crate::{Engine, EngineError};

/// Host name of commands, as BuildKit's.
const HOSTNAME: &str = "buildkitsandbox";

/// The engine as the solver sees it, for one build.
pub(super) struct Ports<'a> {
    pub(super) engine: &'a Engine,
    pub(super) progress: &'a dyn Progress,
    pub(super) isolation: Isolation,
}

impl Fetcher for Ports<'_> {
    fn layers(&self, image: &Image, task: TaskId, cancel: &Cancel) -> Result<View, PortError> {
        let work = TaskWork { progress: self.progress, cancel, task };
        let diff_ids: &[Digest] = &image.diff_ids;
        Ok(self.engine.layers_view(&image.reference, diff_ids, &work)?)
    }
}

impl Runner for Ports<'_> {
    fn run(&self, request: RunRequest<'_>) -> Result<RunOutcome, PortError> {
        let RunRequest { op, platform: _, extra_env, root, spent, mounts, task, cancel, log } = request;
        let keyed = &op.keyed;
        // First, so that a machine that forbids namespaces is told as that.
        let launcher = self.engine.launcher(self.isolation)?;
        if keyed.security == Security::Insecure {
            return Err(Box::new(EngineError::Request("RUN --security=insecure is not supported yet".to_owned())));
        }
        let command = Command {
            args: &keyed.args,
            env: keyed.env.iter().chain(&op.unkeyed.proxy_env).cloned().chain(extra_env).collect(),
            cwd: &keyed.cwd,
            user: &keyed.user,
            hostname: keyed.hostname.as_deref().unwrap_or(HOSTNAME),
            network: keyed.network,
            limits: &keyed.limits,
            shm_size: keyed.shm_size,
            seccomp: Seccomp::Default,
            add_hosts: &op.unkeyed.add_hosts,
            network_files: NetworkFiles::of(self.isolation),
        };
        let mut all = trees(mounts)?;
        all.extend(tmpfs_mounts(keyed));
        all.extend(inline_files(&keyed.files)?);
        let lent = self.engine.lend(self.isolation, &command, &root)?;
        let mut plan = self.engine.plan(&command, root, all, Stdio::Pipes)?;
        plan.spent.extend(spent);
        let mut running = launcher.run(plan)?;
        let _watch = self.engine.keeper.watch(cancel, running.kill_handle());
        let (stdout, stderr) = (running.stdout.take(), running.stderr.take());
        self.follow(stdout, stderr, task, log)?;
        let report = running.wait()?;
        if let Some(lent) = lent {
            lent.take_back()?;
        }
        cancel.check()?;
        Ok(match (report.out_of_memory, report.exit) {
            (true, Exit::Signal(_) | Exit::Code(137)) => RunOutcome::OutOfMemory,
            (_, Exit::Code(code)) => RunOutcome::Exited(code),
            (_, Exit::Signal(signal)) => RunOutcome::Signaled(signal),
        })
    }

    fn mount_points(&self) -> &[&str] {
        match self.isolation {
            Isolation::Namespaces => crate::sandbox::mount_points(self.engine.ids()),
            Isolation::Chroot => &[],
        }
    }
}

impl Ports<'_> {
    /// Passes on what the command prints until it ends; a log that cannot be written fails the step, not the command.
    fn follow(
        &self,
        stdout: Option<OwnedFd>,
        stderr: Option<OwnedFd>,
        task: TaskId,
        log: &mut dyn Write,
    ) -> Result<(), PortError> {
        let mut logged = Ok(());
        pump(stdout, stderr, |stream, data| {
            self.progress.event(Event::Output { task, stream, data: data.to_vec() });
            if logged.is_ok() {
                logged = log.write_all(data);
            }
        })?;
        Ok(logged?)
    }
}

/// Turns the solver's trees into mounts of the part that is wanted.
fn trees(mounts: Vec<RunMount>) -> Result<Vec<Mount>, PortError> {
    mounts
        .into_iter()
        .map(|RunMount { target, tree, source, access }| {
            let part = part_of(tree, &source)?;
            let access = match access {
                containr_graph::Access::ReadOnly => Access::ReadOnly,
                containr_graph::Access::ReadWrite => Access::ReadWrite,
            };
            Ok(Mount { target: PathBuf::from(target), source: MountSource::Detached(part), access })
        })
        .collect()
}

/// Returns a detached mount of one path of a tree, never of anything outside.
fn part_of(tree: OwnedFd, path: &containr_tree::TreePath) -> Result<OwnedFd, EngineError> {
    let failed =
        |source: std::io::Error| EngineError::Work { what: format!("cannot mount {path}"), source: Box::new(source) };
    let found = beneath::open(&tree, path.as_path(), OFlags::PATH, Links::Inside);
    let found = found.map_err(|error| failed(error.into()))?;
    match mount::bind(found.as_fd(), Depth::Single, Attributes::empty()) {
        // Before Linux 6.15 a detached mount cannot be cloned; the whole of one can be used as it is.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error()) && path.is_root() => {
            Ok(tree)
        }
        mounted => mounted.map_err(failed),
    }
}

fn tmpfs_mounts(keyed: &containr_graph::RunKeyed) -> Vec<Mount> {
    let tmpfs = |mount: &containr_graph::Mount| match mount.kind {
        MountKind::Tmpfs { size } => Some(Mount {
            target: PathBuf::from(&mount.target),
            source: MountSource::Tmpfs { size_bytes: size, mode: 0o1777 },
            access: Access::ReadWrite,
        }),
        _ => None,
    };
    keyed.mounts.iter().filter_map(tmpfs).collect()
}

/// Puts heredoc scripts where the command expects them.
fn inline_files(files: &[InlineFile]) -> Result<Vec<Mount>, PortError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let memory = mount::tmpfs(None, 0o755, Attributes::empty())?;
    let mut mounts = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        let descriptor = memory_file(memory.as_fd(), &index.to_string(), &file.content, file.mode)?;
        let source = MountSource::Detached(descriptor);
        mounts.push(Mount { target: PathBuf::from(&file.name), source, access: Access::ReadOnly });
    }
    Ok(mounts)
}
