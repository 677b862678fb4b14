//! Turns a plan into a program: the order in which a process isolates itself and becomes the command.

mod place;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use containr_sys::step::{Namespaces, Op, Program, Slot, Text};

use crate::defaults;
use crate::error::SandboxError;
use crate::layout::Layout;
use crate::plan::{Ids, Isolation, Limit, Network, Plan, Seccomp, User};

/// The most bytes of a host name (`__NEW_UTS_LEN`).
const MAX_HOSTNAME: usize = 64;

/// The launcher's filter for steps.
const FILTER: u32 = 0;

const ROOT: Slot = Slot(0);

/// The streams of a step, as descriptors to carry.
pub(crate) struct Streams {
    pub(crate) input: OwnedFd,
    pub(crate) output: OwnedFd,
    pub(crate) error: OwnedFd,
}

/// A program with what its operations are about, for errors.
pub(crate) struct Compiled {
    pub(crate) program: Program,
    stages: Vec<Stage>,
}

/// What an operation is about.
#[derive(Clone, Debug)]
enum Stage {
    Setup(&'static str),
    Mount(PathBuf),
    Directory(PathBuf),
    Command(String),
}

impl Compiled {
    /// Splits the program from what its operations are about.
    pub(crate) fn split(self) -> (Program, Stages) {
        (self.program, Stages(self.stages))
    }

    fn op(&mut self, stage: &'static str, op: Op) {
        self.push(Stage::Setup(stage), op);
    }

    fn push(&mut self, stage: Stage, op: Op) {
        self.program.push(op);
        self.stages.push(stage);
    }

    fn text(&mut self, bytes: impl AsRef<[u8]>) -> Result<Text, SandboxError> {
        self.program.text(bytes.as_ref()).map_err(|_| invalid("a path or name", "it holds a NUL byte"))
    }
}

/// What the operations of a program are about, in their order.
#[derive(Debug)]
pub(crate) struct Stages(Vec<Stage>);

impl Stages {
    /// Turns a failure of operation `op` into an error that names what it was about.
    pub(crate) fn explain(&self, op: u32, errno: i32) -> SandboxError {
        let source = io::Error::from_raw_os_error(errno);
        match usize::try_from(op).ok().and_then(|op| self.0.get(op)).cloned() {
            Some(Stage::Mount(target)) => SandboxError::Mount { target, source },
            Some(Stage::Directory(path)) => SandboxError::Directory { path, source },
            Some(Stage::Command(command)) => SandboxError::Command { command, source },
            Some(Stage::Setup(stage)) => SandboxError::Setup { stage: stage.to_owned(), source },
            None => SandboxError::Setup { stage: "prepare the step".to_owned(), source },
        }
    }
}

/// Compiles a plan whose standard streams are open.
pub(crate) fn compile(plan: Plan, streams: Streams, layout: Layout) -> Result<Compiled, SandboxError> {
    let namespaces = match (layout.isolation, plan.network) {
        (Isolation::Chroot, _) => Namespaces::NONE,
        (Isolation::Namespaces, Network::Host) => Namespaces::STANDARD,
        (Isolation::Namespaces, Network::None) => Namespaces::STANDARD.with_network(),
    };
    let mut out = Compiled { program: Program::new(namespaces), stages: Vec::with_capacity(64) };
    begin(&mut out, streams);
    let rest = match layout.isolation {
        Isolation::Namespaces => isolate(&mut out, plan, layout)?,
        Isolation::Chroot => change_root(&mut out, plan)?,
    };
    finish(&mut out, &rest, layout)?;
    Ok(out)
}

/// What is left of a plan once its root and mounts are placed.
struct Rest {
    args: Vec<OsString>,
    env: Vec<OsString>,
    cwd: PathBuf,
    user: User,
    limits: Vec<Limit>,
    seccomp: Seccomp,
}

fn begin(out: &mut Compiled, streams: Streams) {
    out.op("start a session", Op::StartSession {});
    let input = out.program.carry(streams.input);
    let output = out.program.carry(streams.output);
    let error = out.program.carry(streams.error);
    out.op("set the standard streams", Op::Stdio { input, output, error });
    out.op("join a session keyring", Op::JoinKeyring {});
}

fn isolate(out: &mut Compiled, plan: Plan, layout: Layout) -> Result<Rest, SandboxError> {
    if plan.hostname.len() > MAX_HOSTNAME {
        return Err(invalid("the host name", "it is longer than 64 bytes"));
    }
    let name = out.text(&plan.hostname)?;
    out.op("set the host name", Op::Hostname { name });
    if plan.network == Network::None {
        out.op("bring the loopback interface up", Op::RaiseLoopback {});
    }
    let mount = out.program.carry(plan.root);
    out.op("attach the root file system", Op::AttachRoot { mount, into: ROOT });
    place::kernel_file_systems(out, layout)?;
    place::devices(out, plan.shm_size, layout)?;
    for mount in plan.mounts {
        place::further_mount(out, mount)?;
    }
    place::hide(out)?;
    out.op("change the root file system", Op::PivotRoot { root: ROOT });
    let Plan { args, env, cwd, user, limits, seccomp, .. } = plan;
    Ok(Rest { args, env, cwd, user, limits, seccomp })
}

fn change_root(out: &mut Compiled, plan: Plan) -> Result<Rest, SandboxError> {
    if !plan.mounts.is_empty() {
        return Err(SandboxError::Unsupported { feature: "a mount" });
    }
    if plan.network == Network::None {
        return Err(SandboxError::Unsupported { feature: "a step without network" });
    }
    let root = out.program.carry(plan.root);
    out.op("change the root directory", Op::ChangeRoot { root });
    let Plan { args, env, cwd, user, limits, seccomp, .. } = plan;
    Ok(Rest { args, env, cwd, user, limits, seccomp })
}

fn finish(out: &mut Compiled, rest: &Rest, layout: Layout) -> Result<(), SandboxError> {
    out.op("set the file mode creation mask", Op::SetMask { mask: 0o022 });
    if !rest.cwd.is_absolute() {
        return Err(invalid("the working directory", "it is not absolute"));
    }
    let path = out.text(rest.cwd.as_os_str().as_bytes())?;
    out.push(Stage::Directory(rest.cwd.clone()), Op::EnterDirectory { path });
    for limit in &rest.limits {
        let Limit { resource, soft, hard } = *limit;
        out.op("set a resource limit", Op::SetLimit { resource: resource.0, soft, hard });
    }
    drop_privileges(out, rest, layout)?;
    execute(out, rest)
}

fn drop_privileges(out: &mut Compiled, rest: &Rest, layout: Layout) -> Result<(), SandboxError> {
    if layout.isolation == Isolation::Chroot {
        out.op("give up gaining privileges", Op::NoNewPrivileges {});
    }
    if rest.seccomp == Seccomp::Default {
        out.op("load the system call filter", Op::LoadFilter { index: FILTER });
    }
    if layout.ids != Ids::Single {
        let groups = rest.user.groups.iter().map(u32::to_string);
        let groups = out.program.texts(groups).map_err(|_| invalid("the list of groups", "it is too long"))?;
        out.op("set the supplementary groups", Op::SetGroups { groups });
    }
    let (uid, gid) = (rest.user.uid, rest.user.gid);
    if (layout.ids, uid, gid) != (Ids::Single, 0, 0) {
        out.op("become the step's user", Op::SetIds { uid, gid });
    }
    let keep = if uid == 0 { defaults::CAPABILITIES } else { 0 };
    out.op("set the capabilities", Op::SetCapabilities { keep });
    Ok(())
}

fn execute(out: &mut Compiled, rest: &Rest) -> Result<(), SandboxError> {
    let Some(command) = rest.args.first().filter(|command| !command.is_empty()) else {
        return Err(invalid("a step without a command", "there is nothing to run"));
    };
    let bytes = |list: &[OsString]| list.iter().map(|item| item.as_bytes().to_vec()).collect::<Vec<_>>();
    let text_list = |out: &mut Compiled, list: Vec<Vec<u8>>| {
        out.program.texts(list).map_err(|_| invalid("an argument or variable", "it holds a NUL byte or is too long"))
    };
    let candidates = text_list(out, candidates(command, &rest.env))?;
    let arguments = text_list(out, bytes(&rest.args))?;
    let environment = text_list(out, bytes(&rest.env))?;
    let name = command.to_string_lossy().into_owned();
    out.push(Stage::Command(name), Op::Execute { candidates, arguments, environment });
    Ok(())
}

/// Lists the paths that a command may be at, as execvp(3) tries them.
fn candidates(command: &OsStr, env: &[OsString]) -> Vec<Vec<u8>> {
    let command = command.as_bytes();
    if command.contains(&b'/') {
        return vec![command.to_vec()];
    }
    let path = env.iter().rev().find_map(|variable| variable.as_bytes().strip_prefix(b"PATH="));
    path.unwrap_or(defaults::SEARCH_PATH.as_bytes())
        .split(|byte| *byte == b':')
        .map(|directory| [if directory.is_empty() { b"." } else { directory }, b"/", command].concat())
        .collect()
}

fn invalid(what: &str, reason: &'static str) -> SandboxError {
    SandboxError::Invalid { what: what.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(command: &str, env: &[&str]) -> Vec<String> {
        let env: Vec<OsString> = env.iter().map(OsString::from).collect();
        candidates(OsStr::new(command), &env).into_iter().map(|path| String::from_utf8(path).unwrap()).collect()
    }

    #[test]
    fn a_command_with_a_slash_is_not_searched() {
        assert_eq!(searched("./x", &["PATH=/bin"]), ["./x"]);
    }

    #[test]
    fn the_last_path_variable_counts_and_empty_entries_are_here() {
        assert_eq!(searched("x", &["PATH=/a", "PATH=/b::/c"]), ["/b/x", "./x", "/c/x"]);
    }

    #[test]
    fn without_a_path_the_default_one_is_searched() {
        assert_eq!(searched("x", &["HOME=/"]).last().unwrap(), "/bin/x");
    }
}
