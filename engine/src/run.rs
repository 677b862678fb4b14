//! `run`: a command in a throw-away tree on top of an image.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;

use containr_graph::Network;
use containr_progress::{Cancel, Progress};
use containr_sandbox::{Access, Exit, Ids, Isolation, Mount, MountSource, Seccomp, Stdio};
use containr_snapshot::{Stub, StubKind};
use containr_sys::mount::{self, Attributes, Depth};
use containr_tree::TreePath;
use rustix::fs::{Mode, OFlags};

use crate::build::{IsolationChoice, PullPolicy, needs_namespaces};
use crate::error::Context as _;
use crate::sandbox::{Command, NetworkFiles, mount_points};
use crate::work::Work;
use crate::{Engine, EngineError};

/// A container to run.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// Name or id of the image.
    pub image: String,
    /// Command and arguments instead of the image's CMD.
    pub command: Vec<String>,
    /// Program instead of the image's ENTRYPOINT; an empty one removes it.
    pub entrypoint: Option<String>,
    /// Variables as `NAME=value`.
    pub environment: Vec<String>,
    /// Mounts of the host's files.
    pub volumes: Vec<VolumeMount>,
    /// Working directory instead of the image's.
    pub directory: Option<String>,
    /// User instead of the image's.
    pub user: Option<String>,
    /// The network.
    pub network: Network,
    /// Host name.
    pub hostname: Option<String>,
    /// When the image is pulled.
    pub pull: PullPolicy,
    /// How the command is kept apart from the machine.
    pub isolation: IsolationChoice,
}

/// A file or directory of the host inside a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeMount {
    /// Absolute path on the host; a directory is made when nothing is there, as docker does.
    pub host: PathBuf,
    /// Absolute path in the container.
    pub target: String,
    /// Whether the container may write.
    pub access: VolumeAccess,
}

/// Whether a volume can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VolumeAccess {
    /// No.
    ReadOnly,
    /// Yes.
    ReadWrite,
}

impl Engine {
    /// Runs a command on top of an image with the caller's own streams and returns its exit code; what it wrote is thrown away.
    ///
    /// # Errors
    /// When there is no such image or the command cannot be started.
    pub fn run(&self, request: &RunRequest, progress: &dyn Progress, cancel: &Cancel) -> Result<i32, EngineError> {
        let isolation = isolation(request)?;
        let mut lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let work = Work { progress, cancel };
        let task = work.task(containr_progress::TaskId::next());
        let found = match self.find_whole(&request.image, &task) {
            Ok(found) if request.pull != PullPolicy::Always => found,
            Ok(_) | Err(EngineError::NoImage(_)) => self.pull_found(&request.image, None, request.pull, &work)?,
            Err(error) => return Err(error),
        };
        let name = found.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let view = self.layers_view(&name, &found.config.rootfs.diff_ids, &task)?;
        self.tell_damages(progress);
        let failed = || format!("cannot prepare a tree on top of {}", request.image);
        // A container may run for days: from here on it keeps from the collector only what it stands on.
        lease.narrow(view.deltas(), &[found.row.config]).context(failed)?;
        let active = self.snapshots.prepare(&view).context(failed)?;
        let volumes = volumes(&request.volumes)?;
        let stubs = match isolation {
            Isolation::Namespaces => stubs(self.ids(), &request.volumes, &volumes)?,
            Isolation::Chroot => Vec::new(),
        };
        let root = active.mount(&stubs).context(failed)?;
        let mut config = found.config.config.clone();
        let args = arguments(request, config.entrypoint.take(), config.cmd.take())?;
        let directory = request.directory.clone().unwrap_or(config.working_dir);
        let user = request.user.clone().unwrap_or(config.user);
        let command = Command {
            args: &args,
            env: merged(config.env, &request.environment),
            cwd: &directory,
            user: &user,
            hostname: request.hostname.as_deref().unwrap_or("containr"),
            network: request.network,
            limits: &[],
            shm_size: None,
            seccomp: Seccomp::Default,
            add_hosts: &[],
            network_files: NetworkFiles::of(isolation),
        };
        // The tree is thrown away, so nothing that is lent is taken back.
        let _lent = self.lend(isolation, &command, &root)?;
        let stdio = Stdio::inherit().context(|| "cannot pass on the standard streams".to_owned())?;
        let mounts = request.volumes.iter().zip(volumes).map(|(volume, descriptor)| volume.mount(descriptor)).collect();
        let mut plan = self.plan(&command, root, mounts, stdio)?;
        plan.spent.extend(active.take_spent());
        let failed = || format!("cannot start a container from {}", request.image);
        let running = self.launcher(isolation)?.run(plan).context(failed)?;
        let _watch = self.keeper.watch(cancel, running.kill_handle());
        let report = running.wait().context(failed)?;
        // It goes while the tree is taken away.
        self.keeper.dismiss();
        active.remove();
        Ok(match report.exit {
            Exit::Code(code) => code,
            Exit::Signal(signal) => 128 + signal,
        })
    }
}

/// Returns the isolation, after a look at what only namespaces give.
fn isolation(request: &RunRequest) -> Result<Isolation, EngineError> {
    if request.isolation == IsolationChoice::Chroot {
        let flags = [(request.network == Network::None, "--network=none"), (!request.volumes.is_empty(), "--volume")];
        if let Some((_, flag)) = flags.iter().find(|(given, _)| *given) {
            return Err(needs_namespaces(flag));
        }
    }
    Ok(request.isolation.into())
}

impl VolumeMount {
    fn mount(&self, descriptor: OwnedFd) -> Mount {
        let access = match self.access {
            VolumeAccess::ReadOnly => Access::ReadOnly,
            VolumeAccess::ReadWrite => Access::ReadWrite,
        };
        Mount { target: PathBuf::from(&self.target), source: MountSource::Detached(descriptor), access }
    }
}

/// Returns the command line: docker's rules for ENTRYPOINT and CMD.
fn arguments(
    request: &RunRequest,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
) -> Result<Vec<String>, EngineError> {
    let mut args = match &request.entrypoint {
        None => entrypoint.unwrap_or_default(),
        Some(program) if program.is_empty() => Vec::new(),
        Some(program) => vec![program.clone()],
    };
    if !request.command.is_empty() {
        args.extend(request.command.iter().cloned());
    } else if request.entrypoint.is_none() {
        args.extend(cmd.unwrap_or_default());
    }
    if args.is_empty() {
        return Err(EngineError::Request(format!(
            "{} has no command of its own; name one after the image",
            request.image
        )));
    }
    Ok(args)
}

/// Returns the image's variables with the request's over them.
fn merged(mut env: Vec<String>, given: &[String]) -> Vec<String> {
    for variable in given {
        let name = variable.split('=').next().unwrap_or_default();
        env.retain(|known| known.split('=').next() != Some(name));
        env.push(variable.clone());
    }
    env
}

/// Opens the host's side of every volume as a detached mount.
fn volumes(volumes: &[VolumeMount]) -> Result<Vec<OwnedFd>, EngineError> {
    volumes
        .iter()
        .map(|volume| {
            let file =
                |source: std::io::Error| EngineError::File { action: "mount", path: volume.host.clone(), source };
            if !volume.host.exists() {
                std::fs::create_dir_all(&volume.host).map_err(file)?;
            }
            let path = rustix::fs::open(&volume.host, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
                .map_err(|error| file(error.into()))?;
            mount::bind(path.as_fd(), Depth::Recursive, Attributes::empty()).map_err(file)
        })
        .collect()
}

/// Returns the mount points that the image may lack.
fn stubs(ids: Ids, volumes: &[VolumeMount], mounts: &[OwnedFd]) -> Result<Vec<Stub>, EngineError> {
    let target =
        |text: &str| TreePath::clamped(text.as_bytes()).map_err(|error| EngineError::Request(error.to_string()));
    let mut stubs = Vec::new();
    for path in mount_points(ids) {
        stubs.push(Stub { target: target(path)?, kind: StubKind::File });
    }
    for (volume, mount) in volumes.iter().zip(mounts) {
        let stat = rustix::fs::fstat(mount).context(|| format!("cannot look at {}", volume.host.display()))?;
        let directory = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir();
        stubs.push(Stub {
            target: target(&volume.target)?,
            kind: if directory { StubKind::Directory } else { StubKind::File },
        });
    }
    Ok(stubs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(entrypoint: Option<&str>, command: &[&str]) -> RunRequest {
        RunRequest {
            image: "i".to_owned(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            entrypoint: entrypoint.map(str::to_owned),
            environment: Vec::new(),
            volumes: Vec::new(),
            directory: None,
            user: None,
            network: Network::Host,
            hostname: None,
            pull: PullPolicy::Never,
            isolation: IsolationChoice::Namespaces,
        }
    }

    fn line(entrypoint: Option<&str>, command: &[&str]) -> Option<String> {
        let words = |word: &str| Some(vec![word.to_owned()]);
        arguments(&request(entrypoint, command), words("ep"), words("cmd")).ok().map(|args| args.join(" "))
    }

    #[test]
    fn command_lines_follow_docker() {
        assert_eq!(line(None, &[]).as_deref(), Some("ep cmd"));
        assert_eq!(line(None, &["x"]).as_deref(), Some("ep x"));
        assert_eq!(line(Some("p"), &[]).as_deref(), Some("p"));
        assert_eq!(line(Some(""), &["x"]).as_deref(), Some("x"));
        assert_eq!(line(Some(""), &[]), None);
    }

    #[test]
    fn given_variables_win() {
        let env = vec!["A=1".to_owned(), "B=2".to_owned()];
        assert_eq!(merged(env, &["A=3".to_owned()]), ["B=2", "A=3"]);
    }
}
