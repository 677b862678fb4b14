//! Steps in user namespaces: with ranges of ids and with a single one.
//!
//! Entering a user namespace has no way back, so each case is a copy of this test program.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a failure is a failed test, a skipped one is told")]
mod support;

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;

use containr_sandbox::{
    IdFacts, IdPlan, Ids, Isolation, Launcher, LauncherOptions, Network, PidView, ProcSource, User, probe,
};
use containr_sys::identity::{MapWriter, own_mounts};
use containr_sys::mount::OverlayXattr;
use rustix::mount::MountPropagationFlags;
use support::cases::{self, Test};
use support::{Image, run};

const MARKER: &str = "CONTAINR_ROOTLESS";

fn main() {
    let tests = [
        Test { name: "ranges_of_ids", run: |name| run_case(name, 0) },
        Test { name: "subordinate_ids", run: |name| run_case(name, 0) },
        Test { name: "a_single_id", run: |name| run_case(name, support::OUTSIDER) },
    ];
    support::cases::main(&tests, case);
}

fn case(name: &str) {
    let plan = match name {
        "subordinate_ids" => return become_a_user_with_subordinate_ids(),
        "ranges_of_ids" => support::ranges(),
        DECIDED => {
            let plan = IdFacts::read().unwrap().decide();
            let IdPlan::Enter { ids: Ids::Ranges, writer: MapWriter::Helpers { .. }, .. } = &plan else {
                panic!("{plan:?}")
            };
            plan
        }
        _ => IdFacts::read().unwrap().single(),
    };
    let ids = plan.carry_out().unwrap();
    let launcher = Launcher::start(LauncherOptions { ids, isolation: Isolation::Namespaces }).unwrap();
    let mut image = Image::new();
    image.xattr = OverlayXattr::User;
    sees_what_a_root_step_sees(&launcher, &image);
    if ids == Ids::Ranges {
        other_users_are_real(&launcher, &image);
    } else {
        other_users_are_pretended(&launcher, &image);
    }
    knows_what_it_has(&launcher, ids);
}

/// The case of a user who has found ids of its own.
const DECIDED: &str = "decided";

/// Puts other files over /etc/passwd, /etc/subuid and /etc/subgid in a mount namespace, and goes on as their user.
fn become_a_user_with_subordinate_ids() {
    if !Path::new("/usr/bin/newuidmap").exists() {
        eprintln!("skipped: needs newuidmap");
        return;
    }
    own_mounts().unwrap();
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    fs::set_permissions(scratch.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let user = support::OUTSIDER;
    for (name, content) in [
        ("passwd", format!("tester:x:{user}:{user}::/:/bin/sh\n")),
        ("subuid", "tester:200000:65536\n".to_owned()),
        ("subgid", "tester:300000:65536\n".to_owned()),
    ] {
        let file = scratch.path().join(name);
        fs::write(&file, content).unwrap();
        rustix::mount::mount_bind(&file, Path::new("/etc").join(name)).unwrap();
    }
    let mut command = cases::command(&std::env::current_exe().unwrap(), DECIDED);
    assert!(command.uid(user).gid(user).status().unwrap().success());
}

fn sees_what_a_root_step_sees(launcher: &Launcher, image: &Image) {
    let script = "id -u; echo $$; hostname; stat -c %t:%T /dev/null /dev/tty; echo x > /dev/null; cat /proc/self/comm; \
                  (echo x > /proc/sys/kernel/hostname) 2>/dev/null || echo no; ls /sys/kernel > /dev/null && echo sys; \
                  ls /sys/firmware | wc -l; touch /dev/shm/x && mkdir /new && rm -rf /bin/env && echo wrote; \
                  grep CapEff /proc/self/status";
    assert_eq!(
        run(launcher, image.plan(script)).unwrap().text(),
        "0\n1\nstep\n1:3\n5:0\ncat\nno\nsys\n0\nwrote\nCapEff:\t00000000a80425fb\n"
    );
    let mut alone = image.plan("ip -o link | grep -c ,UP");
    alone.network = Network::None;
    assert_eq!(run(launcher, alone).unwrap().text(), "1\n");
}

fn other_users_are_real(launcher: &Launcher, image: &Image) {
    let mut plan = image.plan("id -u; id -G; echo out > /dev/stdout; touch /tmp/mine && stat -c %u /tmp/mine");
    fs::set_permissions(image.lower().join("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
    plan.user = User { uid: 1000, gid: 2000, groups: vec![2000, 44] };
    assert_eq!(run(launcher, plan).unwrap().text(), "1000\n2000 44\nout\n1000\n");
    assert_eq!(run(launcher, image.plan("chown 5:6 /tmp && stat -c %u:%g /tmp")).unwrap().text(), "5:6\n");
}

fn other_users_are_pretended(launcher: &Launcher, image: &Image) {
    assert_eq!(run(launcher, image.plan("chown 5:6 /tmp && stat -c %u:%g /tmp")).unwrap().text(), "0:0\n");
    let mut plan = image.plan("id -u");
    plan.user = User { uid: 1000, gid: 1000, groups: vec![1000] };
    assert_eq!(run(launcher, plan).unwrap().text(), "0\n");
}

fn knows_what_it_has(launcher: &Launcher, ids: Ids) {
    let scratch = tempfile::tempdir().unwrap();
    let found = probe(launcher, File::open(scratch.path()).unwrap().as_fd()).unwrap();
    assert_eq!((found.ids, found.proc, found.pid), (ids, ProcSource::Fresh, PidView::Namespace));
    assert_eq!(found.overlay, Some(OverlayXattr::User));
}

fn run_case(name: &str, user: u32) {
    let scratch = tempfile::tempdir().unwrap();
    chown(scratch.path(), Some(support::OUTSIDER), Some(support::OUTSIDER)).unwrap();
    // The program itself may lie where the other user cannot go.
    let program = scratch.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = cases::command(&program, name);
    command.env(MARKER, name);
    let output = command.uid(user).gid(user).env("TMPDIR", scratch.path()).current_dir("/").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&text));
    let left = support::processes_of(&format!("{MARKER}={name}"));
    assert_eq!(left, Vec::<u32>::new());
}
