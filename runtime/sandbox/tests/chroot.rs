//! Steps kept apart by chroot(2) alone.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]
mod support;

use std::fs::{self, File};
use std::os::fd::OwnedFd;

use containr_sandbox::{
    Access, Exit, Ids, Isolation, Launcher, LauncherOptions, Mount, MountSource, Network, Plan, SandboxError,
};
use support::{Image, privileged, processes_of, run};

struct Chroot {
    launcher: Launcher,
    image: Image,
}

impl Chroot {
    fn new() -> Option<Chroot> {
        let options = LauncherOptions { ids: Ids::Initial, isolation: Isolation::Chroot };
        privileged().then(|| Chroot { launcher: Launcher::start(options).unwrap(), image: Image::new() })
    }

    fn plan(&self, script: &str) -> Plan {
        let mut plan = self.image.plan(script);
        plan.root = OwnedFd::from(File::open(self.image.lower()).unwrap());
        plan
    }
}

impl Drop for Chroot {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(processes_of(&self.image.marker()), Vec::<u32>::new(), "no process is left");
        }
    }
}

#[test]
fn runs_in_the_tree_itself_without_gaining_privileges() {
    let Some(chroot) = Chroot::new() else { return };
    let told = run(&chroot.launcher, chroot.plan("pwd; ls /; echo x > /tmp/file; id -u; exit 3")).unwrap();
    assert_eq!((told.stdout.as_str(), told.report.exit), ("/\nbin\ntmp\n0\n", Exit::Code(3)));
    assert_eq!(fs::read_to_string(chroot.image.lower().join("tmp/file")).unwrap(), "x\n");
}

#[test]
fn leftovers_are_killed_also_when_they_daemonise() {
    let Some(chroot) = Chroot::new() else { return };
    let script = "for n in 1 2 3; do (sh -c 'sleep 1000 & sleep 1000' >/dev/null 2>&1 &) ; done; echo done";
    assert_eq!(run(&chroot.launcher, chroot.plan(script)).unwrap().text(), "done\n");
    assert_eq!(processes_of(&chroot.image.marker()), Vec::<u32>::new());
}

#[test]
fn a_kill_takes_the_whole_tree() {
    let Some(chroot) = Chroot::new() else { return };
    let running = chroot.launcher.run(chroot.plan("sleep 1000 & echo up; sleep 1000")).unwrap();
    let mut line = [0_u8; 3];
    rustix::io::read(running.stdout.as_ref().unwrap(), &mut line[..]).unwrap();
    running.kill_handle().kill();
    assert_eq!(running.wait().unwrap().exit, Exit::Signal(9));
}

#[test]
fn a_missing_command_is_told() {
    let Some(chroot) = Chroot::new() else { return };
    let mut plan = chroot.plan("");
    plan.args = vec!["nope".into()];
    assert!(matches!(run(&chroot.launcher, plan).err(), Some(SandboxError::Command { .. })));
}

#[test]
fn what_needs_namespaces_is_refused() {
    let Some(chroot) = Chroot::new() else { return };
    let mut plan = chroot.plan("true");
    plan.network = Network::None;
    assert!(matches!(chroot.launcher.run(plan).err(), Some(SandboxError::Unsupported { .. })));
    let mut plan = chroot.plan("true");
    let source = MountSource::Tmpfs { size_bytes: None, mode: 0o755 };
    plan.mounts.push(Mount { target: "/tmp".into(), source, access: Access::ReadWrite });
    assert!(matches!(chroot.launcher.run(plan).err(), Some(SandboxError::Unsupported { .. })));
}
