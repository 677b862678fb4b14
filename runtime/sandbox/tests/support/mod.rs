//! A root file system of busybox, plans on it, and a check that nothing is left behind.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a failure here is a failed test, a skipped one is told")]

pub(crate) mod cases;
pub(crate) mod elf;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use containr_sandbox::{
    Exit, IdPlan, Ids, Isolation, Launcher, LauncherOptions, Network, Plan, Report, SandboxError, Seccomp, Stdio, User,
};
use containr_sys::identity::{IdMaps, IdRange, MapWriter};
use containr_sys::mount::{OverlayOptions, OverlayXattr, overlay};
use tempfile::TempDir;

/// Says whether privileged tests can run; fails where they must.
pub(crate) fn privileged() -> bool {
    let busybox = Path::new(BUSYBOX).exists();
    if rustix::process::geteuid().is_root() && busybox {
        return true;
    }
    assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "CI must run as root and have busybox-static");
    eprintln!("skipped: needs root and {BUSYBOX}");
    false
}

const BUSYBOX: &str = "/bin/busybox";
/// How the directories of these tests begin.
const PREFIX: &str = "containr-step-";

/// A directory for a test's tree.
pub(crate) fn scratch() -> TempDir {
    tempfile::Builder::new().prefix(PREFIX).tempdir().unwrap()
}

/// The names under which the tests call busybox.
const APPLETS: [&str; 34] = [
    "cat", "chmod", "chown", "cp", "cut", "dd", "echo", "env", "find", "grep", "head", "hostname", "id", "ip", "kill",
    "ls", "mkdir", "mknod", "mount", "nproc", "pwd", "readlink", "rm", "sed", "sh", "sleep", "sort", "stat", "tail",
    "test", "touch", "true", "umount", "wc",
];

/// A lower tree of busybox and fresh upper and work directories.
pub(crate) struct Image {
    pub(crate) dir: TempDir,
    pub(crate) xattr: OverlayXattr,
}

impl Image {
    pub(crate) fn new() -> Image {
        let dir = scratch();
        for name in ["lower/bin", "lower/tmp", "base", "upper", "work"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        fs::copy(BUSYBOX, dir.path().join("lower/bin/busybox")).unwrap();
        for applet in APPLETS {
            symlink("busybox", dir.path().join("lower/bin").join(applet)).unwrap();
        }
        Image { dir, xattr: OverlayXattr::Trusted }
    }

    pub(crate) fn lower(&self) -> std::path::PathBuf {
        self.dir.path().join("lower")
    }

    pub(crate) fn upper(&self) -> std::path::PathBuf {
        self.dir.path().join("upper")
    }

    /// Mounts the image; a volatile overlay's work directory serves once.
    pub(crate) fn mount(&self) -> OwnedFd {
        clear(&self.dir.path().join("work"));
        fs::remove_dir_all(self.dir.path().join("work")).unwrap();
        fs::create_dir(self.dir.path().join("work")).unwrap();
        let open = |name: &str| File::open(self.dir.path().join(name)).unwrap();
        let (lower, base, upper, work) = (open("lower"), open("base"), open("upper"), open("work"));
        let layers = (upper.as_fd(), work.as_fd());
        overlay(&[lower.as_fd(), base.as_fd()], Some(layers), OverlayOptions::new(self.xattr)).unwrap()
    }

    /// A plan that runs `script` with sh as root.
    pub(crate) fn plan(&self, script: &str) -> Plan {
        self.plan_of(&["sh", "-c", script])
    }

    /// A plan that runs a command as root.
    pub(crate) fn plan_of(&self, args: &[&str]) -> Plan {
        self.plan_on(self.mount(), args)
    }

    /// The same on another root.
    pub(crate) fn plan_on(&self, root: OwnedFd, args: &[&str]) -> Plan {
        plan(root, args, self.marker())
    }

    /// A variable that the environment of every process on this image has.
    pub(crate) fn marker(&self) -> String {
        format!("CONTAINR_TEST={}", self.dir.path().display())
    }
}

/// Opens the directories of mode 0 that overlay leaves in a work directory, so that they can be removed.
fn clear(work: &Path) {
    for entry in fs::read_dir(work).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
}

/// A launcher with an image; when it is dropped, nothing of either is left.
pub(crate) struct Fixture {
    launcher: Option<Launcher>,
    pub(crate) image: Image,
    mounts: Vec<String>,
}

impl Fixture {
    /// Makes both; nothing where privileged tests cannot run.
    pub(crate) fn new() -> Option<Fixture> {
        privileged().then(|| Fixture { launcher: Some(launcher()), image: Image::new(), mounts: mounts() })
    }

    pub(crate) fn launcher(&self) -> &Launcher {
        self.launcher.as_ref().unwrap()
    }

    /// A plan that runs `script` with sh as root.
    pub(crate) fn plan(&self, script: &str) -> Plan {
        self.image.plan(script)
    }

    pub(crate) fn run(&self, plan: Plan) -> Result<Told, SandboxError> {
        run(self.launcher(), plan)
    }

    /// What `script` writes, run with sh as root.
    pub(crate) fn sh(&self, script: &str) -> String {
        self.run(self.plan(script)).unwrap().text()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        drop(self.launcher.take());
        if !std::thread::panicking() {
            assert_eq!(mounts(), self.mounts, "no mount is left");
            assert_eq!(processes_of(&self.image.marker()), Vec::<u32>::new(), "no process is left");
        }
    }
}

/// The mounts of this namespace that could be ours: those of a tree of these tests, and those at a step's places.
///
/// Other programs of the machine mount things at the same time.
pub(crate) fn mounts() -> Vec<String> {
    let all = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let is_ours = |line: &&str| {
        let point = line.split(' ').nth(4).unwrap();
        let places = ["/root", "/empty", "/proc", "/sys", "/dev"];
        line.contains(PREFIX) || point == "/" || places.iter().any(|place| point.starts_with(place))
    };
    all.lines().filter(is_ours).map(str::to_owned).collect()
}

/// The pid of a launcher's process.
pub(crate) fn pid_of(launcher: &Launcher) -> i32 {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", launcher.pidfd().as_raw_fd())).unwrap();
    info.lines().find_map(|line| line.strip_prefix("Pid:")?.trim().parse().ok()).unwrap()
}

/// The pids of processes with a variable in their environment.
pub(crate) fn processes_of(variable: &str) -> Vec<u32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let has = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
    };
    pids.filter(has).collect()
}

/// The namespaces that one process is in, as the links in its directory of /proc name them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Namespaces(Vec<String>);

/// The kinds that a builder, a launcher or a step may have of its own.
const NAMESPACES: [&str; 6] = ["pid", "mnt", "ipc", "uts", "user", "cgroup"];

impl Namespaces {
    fn of(pid: u32) -> Option<Namespaces> {
        let link = |kind| Some(fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()?.to_str()?.to_owned());
        NAMESPACES.into_iter().map(link).collect::<Option<_>>().map(Namespaces)
    }
}

/// Returns the namespaces of the processes with a variable in their environment, without those of this process.
pub(crate) fn namespaces_of(variable: &str) -> Vec<Namespaces> {
    let own = Namespaces::of(std::process::id()).unwrap();
    let found = processes_of(variable).into_iter().filter_map(Namespaces::of);
    found.filter(|namespaces| *namespaces != own).collect()
}

/// Returns the processes from before `ticks` that are in all of the namespaces of one, whatever their environment says.
///
/// The kernel gives the number of a namespace that is gone to the next one; whoever is in that one has started later, as a rule.
pub(crate) fn inhabitants(namespaces: &[Namespaces], ticks: u64) -> Vec<u32> {
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let is_there = |pid: &u32| {
        Namespaces::of(*pid).is_some_and(|found| namespaces.contains(&found))
            && started(*pid).is_some_and(|start| start < ticks)
    };
    pids.filter(is_there).collect()
}

/// Returns when a process started, in the kernel's ticks since the machine did.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, which may hold anything, ends at the last parenthesis; the start is the 22nd field, the state the third.
    stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
}

/// Returns the present in those ticks, of which there are 100 a second on every machine.
pub(crate) fn ticks() -> u64 {
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    let (seconds, rest) = uptime.split_once('.').unwrap();
    seconds.parse::<u64>().unwrap() * 100 + rest[..2].parse::<u64>().unwrap()
}

/// A plan with defaults on a root file system.
fn plan(root: OwnedFd, args: &[&str], marker: String) -> Plan {
    Plan {
        root,
        mounts: Vec::new(),
        args: args.iter().map(OsString::from).collect(),
        env: vec!["PATH=/bin".into(), marker.into()],
        cwd: "/".into(),
        user: User::default(),
        hostname: "step".to_owned(),
        network: Network::Host,
        limits: Vec::new(),
        shm_size: 64 << 20,
        seccomp: Seccomp::Default,
        stdio: Stdio::Pipes,
        spent: Vec::new(),
    }
}

/// The user outside who is root in the cases with ranges of ids, and the one who runs those with a single id.
pub(crate) const OUTSIDER: u32 = 100_000;

/// A way into a user namespace with 65,536 ids, for a test that runs as root.
pub(crate) fn ranges() -> IdPlan {
    let ids = vec![IdRange { inside: 0, outside: OUTSIDER, count: 65_536 }];
    let maps = IdMaps { uids: ids.clone(), gids: ids };
    IdPlan::Enter { ids: Ids::Ranges, maps, writer: MapWriter::Child }
}

/// A launcher for steps as root.
pub(crate) fn launcher() -> Launcher {
    Launcher::start(LauncherOptions { ids: Ids::Initial, isolation: Isolation::Namespaces }).unwrap()
}

/// What a step wrote, and how it ended.
pub(crate) struct Told {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) report: Report,
}

impl Told {
    /// Returns what was written by a step that succeeded.
    pub(crate) fn text(self) -> String {
        assert_eq!(self.report.exit, Exit::Code(0), "stdout {:?}, stderr {:?}", self.stdout, self.stderr);
        self.stdout
    }
}

/// Runs a plan and gathers its output.
pub(crate) fn run(launcher: &Launcher, plan: Plan) -> Result<Told, SandboxError> {
    let mut running = launcher.run(plan)?;
    let read = |stream: OwnedFd| {
        let mut text = Vec::new();
        File::from(stream).read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    };
    let errors = running.stderr.take().unwrap();
    let reader = std::thread::spawn(move || read(errors));
    let stdout = read(running.stdout.take().unwrap());
    let stderr = reader.join().unwrap();
    Ok(Told { stdout, stderr, report: running.wait()? })
}
