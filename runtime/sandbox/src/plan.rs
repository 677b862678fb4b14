//! What a step is asked to be, and what is told of it afterwards.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

/// One command with everything it sees.
#[derive(Debug)]
pub struct Plan {
    /// The root file system: a detached, writable mount; with [`Isolation::Chroot`] a directory.
    pub root: OwnedFd,
    /// Further mounts, in the order in which they are made; their targets exist in the root.
    pub mounts: Vec<Mount>,
    /// The command and its arguments; a command without a slash is looked up in the PATH of `env`.
    pub args: Vec<OsString>,
    /// The whole environment, `NAME=value` each.
    pub env: Vec<OsString>,
    /// The working directory, absolute; made if missing.
    pub cwd: PathBuf,
    /// Who the command runs as.
    pub user: User,
    /// The host name.
    pub hostname: String,
    /// The network it sees.
    pub network: Network,
    /// Resource limits that differ from the inherited ones.
    pub limits: Vec<Limit>,
    /// The size of /dev/shm, in bytes.
    pub shm_size: u64,
    /// The system calls it may make.
    pub seccomp: Seccomp,
    /// Its standard streams.
    pub stdio: Stdio,
    /// Descriptors that only served to make the mounts. They are closed once the step is on its way: the kernel waits for a grace
    /// period at every mount that goes with one.
    pub spent: Vec<OwnedFd>,
}

/// A mount of a plan.
#[derive(Debug)]
pub struct Mount {
    /// Where, an absolute path in the root; links are followed inside the root. Not below /proc or /sys.
    pub target: PathBuf,
    /// What.
    pub source: MountSource,
    /// Whether the step may write to it.
    pub access: Access,
}

/// Where a mount comes from.
#[derive(Debug)]
pub enum MountSource {
    /// A detached mount, such as the functions of `containr_sys::mount` make.
    Detached(OwnedFd),
    /// A new tmpfs.
    Tmpfs {
        /// Its size; without one, half of the memory.
        size_bytes: Option<u64>,
        /// The mode of its root directory.
        mode: u32,
    },
}

/// Whether a mount may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Neither it nor any mount below it.
    ReadOnly,
    /// As the mount itself allows.
    ReadWrite,
}

/// Numeric identity of a step's command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The user id.
    pub uid: u32,
    /// The primary group id.
    pub gid: u32,
    /// The supplementary group ids.
    pub groups: Vec<u32>,
}

/// Which network a step sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The one of the caller.
    Host,
    /// None but a loopback interface of its own.
    None,
}

/// A resource limit, as `--ulimit` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited.
    pub resource: Resource,
    /// The limit in force; `u64::MAX` is none.
    pub soft: u64,
    /// The limit up to which the step may raise it; `u64::MAX` is none.
    pub hard: u64,
}

/// A limitable resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource(pub(crate) u32);

impl Resource {
    /// Reads a name as `--ulimit` and setrlimit(2) spell it, in lower case: `nofile`, `nproc`, ...
    pub fn parse(name: &str) -> Option<Resource> {
        const NAMES: [&str; 16] = [
            "cpu",
            "fsize",
            "data",
            "stack",
            "core",
            "rss",
            "nproc",
            "nofile",
            "memlock",
            "as",
            "locks",
            "sigpending",
            "msgqueue",
            "nice",
            "rtprio",
            "rttime",
        ];
        (0..).zip(NAMES).find(|(_, known)| *known == name).map(|(number, _)| Resource(number))
    }
}

/// Which system calls a step may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seccomp {
    /// Those of moby's default profile.
    Default,
    /// All.
    Unconfined,
}

/// Where a step's standard streams lead.
#[derive(Debug)]
pub enum Stdio {
    /// Input is /dev/null; output and errors are two pipes that belong to the step's user.
    Pipes,
    /// Those of the caller's choice.
    Given {
        /// Standard input.
        stdin: OwnedFd,
        /// Standard output.
        stdout: OwnedFd,
        /// Standard error.
        stderr: OwnedFd,
    },
}

impl Stdio {
    /// Returns the calling process's own streams; a terminal stays the caller's controlling terminal.
    pub fn inherit() -> io::Result<Stdio> {
        Ok(Stdio::Given {
            stdin: io::stdin().as_fd().try_clone_to_owned()?,
            stdout: io::stdout().as_fd().try_clone_to_owned()?,
            stderr: io::stderr().as_fd().try_clone_to_owned()?,
        })
    }
}

/// Whose ids steps run with; it decides what the launcher may make itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// Those of the initial user namespace: device nodes and sysfs are made afresh.
    Initial,
    /// A user namespace with many ids (ranges or all), which the caller has entered.
    Ranges,
    /// A user namespace with one id, which the caller has entered: calls that change owners or ids succeed and do nothing.
    Single,
}

/// How steps are kept apart from the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// By namespaces: mounts, processes, IPC, host name, cgroup view.
    Namespaces,
    /// By chroot(2) alone: no /proc, no mounts, the host's processes within reach of signals. Never chosen unasked.
    Chroot,
}

/// What is told of a step that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub exit: Exit,
    /// Whether the kernel killed a process for lack of memory in the caller's cgroup meanwhile.
    pub out_of_memory: bool,
    /// What it used.
    pub usage: Usage,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with a code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// What a command and its awaited descendants used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in user mode.
    pub user_us: u64,
    /// CPU time in kernel mode.
    pub system_us: u64,
    /// The largest resident set of one process.
    pub peak_rss_kib: u64,
}
