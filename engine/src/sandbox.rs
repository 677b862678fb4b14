//! Turns a command into a plan of the sandbox: user, environment, files that only commands see.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;

use containr_graph::{Limit, Network};
use containr_sandbox::{
    Access, Ids, Isolation, Launcher, LauncherOptions, Mount, MountSource, Plan, Resource, Seccomp, Stdio, User,
};
use containr_sys::mount::{self, Attributes, Depth};
use rustix::fs::{Mode, OFlags};

use crate::error::Context as _;
use crate::lent::Lent;
use crate::{Engine, EngineError, footing, hosts};

/// PATH of an image that sets none.
const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The file that tells apt, where there is a single id, not to become another user.
const APT_CONFIG: &str = "run/containr-apt.conf";
/// What it says.
const APT_SETTINGS: &[u8] = b"APT::Sandbox::User \"root\";\n";

/// Size of /dev/shm when nobody chose one: docker's.
const SHM_BYTES: u64 = 64 << 20;

/// A command in the words of images and Dockerfiles.
pub(crate) struct Command<'a> {
    pub(crate) args: &'a [String],
    pub(crate) env: Vec<String>,
    pub(crate) cwd: &'a str,
    pub(crate) user: &'a str,
    pub(crate) hostname: &'a str,
    pub(crate) network: Network,
    pub(crate) limits: &'a [Limit],
    pub(crate) shm_size: Option<u64>,
    pub(crate) seccomp: Seccomp,
    pub(crate) add_hosts: &'a [(String, String)],
    /// Whether the network's files are mounted: a root that has no place for them goes without.
    pub(crate) network_files: NetworkFiles,
}

/// Whether /etc/hosts and /etc/resolv.conf have mount points in the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NetworkFiles {
    /// They have.
    Mounted,
    /// The command sees the root's own, or such as it is lent.
    Own,
}

impl NetworkFiles {
    /// Returns where commands of an isolation have them.
    pub(crate) fn of(isolation: Isolation) -> Self {
        match isolation {
            Isolation::Namespaces => Self::Mounted,
            Isolation::Chroot => Self::Own,
        }
    }
}

/// Returns the files that every command with these ids finds mounted, as paths in its root.
pub(crate) fn mount_points(ids: Ids) -> &'static [&'static str] {
    match ids {
        Ids::Initial | Ids::Ranges => &["etc/hosts", "etc/resolv.conf"],
        Ids::Single => &["etc/hosts", "etc/resolv.conf", APT_CONFIG],
    }
}

impl Engine {
    /// Returns the launcher of commands.
    pub(crate) fn launcher(&self, isolation: Isolation) -> Result<&Arc<Launcher>, EngineError> {
        let options = LauncherOptions { ids: self.ids(), isolation };
        self.keeper.launcher(options).map_err(|error| footing::no_sandbox(error, isolation))
    }

    /// Returns whose ids commands run with.
    pub(crate) fn ids(&self) -> Ids {
        self.ids
    }

    /// Returns the plan of a command in `root`.
    pub(crate) fn plan(
        &self,
        command: &Command<'_>,
        root: OwnedFd,
        mounts: Vec<Mount>,
        stdio: Stdio,
    ) -> Result<Plan, EngineError> {
        let failed = || format!("cannot tell who `{}` is in the image", command.user);
        let user = containr_sandbox::resolve_user(root.as_fd(), command.user).context(failed)?;
        let (mut all, spent) = self.own_mounts(command)?;
        all.extend(mounts);
        let mut env = environment(&command.env, &user.home);
        if self.ids == Ids::Single {
            tell_apt(&mut env);
        }
        Ok(Plan {
            root,
            mounts: all,
            args: command.args.iter().map(OsString::from).collect(),
            env,
            cwd: PathBuf::from(if command.cwd.is_empty() { "/" } else { command.cwd }),
            user: User { uid: user.uid, gid: user.gid, groups: user.groups },
            hostname: command.hostname.to_owned(),
            network: match command.network {
                Network::None => containr_sandbox::Network::None,
                Network::Default | Network::Host => containr_sandbox::Network::Host,
            },
            limits: limits(command.limits)?,
            shm_size: command.shm_size.unwrap_or(SHM_BYTES),
            seccomp: command.seccomp,
            stdio,
            spent,
        })
    }

    /// Returns the files at [`mount_points`] with their content.
    pub(crate) fn own_files(&self, command: &Command<'_>) -> Vec<(&'static str, Vec<u8>)> {
        let content = |path: &str| match path {
            "etc/hosts" => hosts::hosts(command.hostname, command.add_hosts).into_bytes(),
            "etc/resolv.conf" => hosts::resolv_conf(),
            _ => APT_SETTINGS.to_vec(),
        };
        mount_points(self.ids).iter().map(|path| (*path, content(path))).collect()
    }

    /// Puts the files that cannot be mounted into the tree of a command that only has another root.
    pub(crate) fn lend(
        &self,
        isolation: Isolation,
        command: &Command<'_>,
        root: &OwnedFd,
    ) -> Result<Option<Lent>, EngineError> {
        match isolation {
            Isolation::Namespaces => Ok(None),
            Isolation::Chroot => {
                let lent = Lent::put(root.as_fd(), self.own_files(command));
                lent.map(Some).context(|| "cannot lend the command its network files".to_owned())
            }
        }
    }

    /// Returns the mounts of the files at [`mount_points`], and what served to make them.
    fn own_mounts(&self, command: &Command<'_>) -> Result<(Vec<Mount>, Vec<OwnedFd>), EngineError> {
        if command.network_files == NetworkFiles::Own {
            return Ok((Vec::new(), Vec::new()));
        }
        let files = self.own_files(command);
        let (made, memory) = memory_files(&files).context(|| "cannot make /etc/hosts for the command".to_owned())?;
        let mount = |(target, descriptor): (&str, OwnedFd)| Mount {
            target: std::path::Path::new("/").join(target),
            source: MountSource::Detached(descriptor),
            access: Access::ReadOnly,
        };
        Ok((made.into_iter().map(mount).collect(), vec![memory]))
    }
}

/// Makes files in memory and returns each as a detached mount of its own, and the file system that they are in.
fn memory_files<'a>(files: &[(&'a str, Vec<u8>)]) -> io::Result<(Vec<(&'a str, OwnedFd)>, OwnedFd)> {
    let memory = mount::tmpfs(None, 0o755, Attributes::empty())?;
    let mut made = Vec::with_capacity(files.len());
    for (index, (target, content)) in files.iter().enumerate() {
        made.push((*target, memory_file(memory.as_fd(), &index.to_string(), content, 0o644)?));
    }
    Ok((made, memory))
}

/// Writes a file into a detached tmpfs and returns a mount of it alone.
pub(crate) fn memory_file(memory: BorrowedFd<'_>, name: &str, content: &[u8], mode: u32) -> io::Result<OwnedFd> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(memory, name, flags, Mode::from_raw_mode(mode))?;
    rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
    std::fs::File::from(file).write_all(content)?;
    let path = rustix::fs::openat(memory, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    mount::bind(path.as_fd(), Depth::Single, Attributes::empty())
}

/// Completes an environment with what every command has.
fn environment(given: &[String], home: &std::path::Path) -> Vec<OsString> {
    let has = |name: &str| given.iter().any(|variable| variable.split('=').next() == Some(name));
    let mut all: Vec<OsString> = given.iter().map(OsString::from).collect();
    if !has("PATH") {
        all.insert(0, DEFAULT_PATH.into());
    }
    if !has("HOME") {
        let mut variable = OsString::from("HOME=");
        variable.push(home);
        all.push(variable);
    }
    all
}

/// Names apt its settings, unless the image has settings of its own.
fn tell_apt(env: &mut Vec<OsString>) {
    if !env.iter().any(|variable| variable.as_encoded_bytes().starts_with(b"APT_CONFIG=")) {
        env.push(format!("APT_CONFIG=/{APT_CONFIG}").into());
    }
}

fn limits(limits: &[Limit]) -> Result<Vec<containr_sandbox::Limit>, EngineError> {
    let value = |number: i64| u64::try_from(number).unwrap_or(u64::MAX);
    limits
        .iter()
        .map(|limit| match Resource::parse(&limit.name) {
            Some(resource) => {
                Ok(containr_sandbox::Limit { resource, soft: value(limit.soft), hard: value(limit.hard) })
            }
            None => Err(EngineError::Request(format!("there is no resource limit named `{}`", limit.name))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_keeps_what_it_has() {
        let given = ["PATH=/x".to_owned(), "A=1".to_owned()];
        assert_eq!(environment(&given, std::path::Path::new("/root")), ["PATH=/x", "A=1", "HOME=/root"]);
    }

    #[test]
    fn an_image_keeps_its_own_apt_settings() {
        let mut env = vec![OsString::from("APT_CONFIG=/mine")];
        tell_apt(&mut env);
        assert_eq!(env, ["APT_CONFIG=/mine"]);
        let mut env = Vec::new();
        tell_apt(&mut env);
        assert_eq!(env, ["APT_CONFIG=/run/containr-apt.conf"]);
    }

    #[test]
    fn unknown_limits_are_named() {
        let limit = Limit { name: "luck".to_owned(), soft: 1, hard: 1 };
        assert!(limits(&[limit]).unwrap_err().to_string().contains("luck"));
    }
}
