//! Whatever is killed, at whatever moment: no process, no namespace and no mount is left.
//!
//! A second copy of this test program is the builder: it runs steps in a loop until it or its launcher is killed.
//! `CONTAINR_KILLS` sets how often each is killed (20).
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a failure is a failed test; the builder tells its pid")]
mod support;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::process::{Child, Stdio};

use containr_sandbox::{IdPlan, Ids, Isolation, Launcher, LauncherOptions};
use containr_sys::mount::OverlayXattr;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};
use support::cases::{self, Test};
use support::{Image, processes_of};

const MARKER: &str = "CONTAINR_KILLED_BUILDER";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Builder,
    Launcher,
}

/// How the builder runs its steps.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Standing {
    Root,
    Ranges,
    Chroot,
}

fn main() {
    let tests = [
        Test { name: "nothing_survives_a_builder_as_root", run: |_| kill_many(Victim::Builder, Standing::Root) },
        Test { name: "nothing_survives_a_launcher_as_root", run: |_| kill_many(Victim::Launcher, Standing::Root) },
        Test { name: "nothing_survives_a_builder_with_ranges", run: |_| kill_many(Victim::Builder, Standing::Ranges) },
        Test {
            name: "nothing_survives_a_launcher_with_ranges",
            run: |_| kill_many(Victim::Launcher, Standing::Ranges),
        },
        Test { name: "nothing_survives_a_builder_with_chroot", run: |_| kill_many(Victim::Builder, Standing::Chroot) },
        Test {
            name: "nothing_survives_a_launcher_with_chroot",
            run: |_| kill_many(Victim::Launcher, Standing::Chroot),
        },
    ];
    support::cases::main(&tests, builder);
}

/// The builder that the tests kill.
fn builder(standing: &str) {
    let marker = std::env::var(MARKER).unwrap();
    let ids = if standing == "Ranges" { support::ranges() } else { IdPlan::Stay(Ids::Initial) };
    let ids = ids.carry_out().unwrap();
    let mut image = Image::new();
    image.xattr = OverlayXattr::User;
    let bin = image.lower().join("bin");
    std::fs::copy("/bin/busybox", bin.join("busybox-suid")).unwrap();
    std::fs::set_permissions(bin.join("busybox-suid"), std::fs::Permissions::from_mode(0o4755)).unwrap();
    let isolation = if standing == "Chroot" { Isolation::Chroot } else { Isolation::Namespaces };
    let launcher = Launcher::start(LauncherOptions { ids, isolation }).unwrap();
    println!("launcher {}", support::pid_of(&launcher));
    for round in 0.. {
        // Each second PID 1 is a set-uid program run by another user, which clears a death signal.
        let script = "sleep 1000 & busybox-suid sleep 1000 & echo up; wait";
        let odd = ["busybox-suid", "sh", "-c", script];
        let mut plan = image.plan_of(if round % 2 == 0 { &odd[1..] } else { &odd });
        plan.user.uid = round % 2 * 1000;
        if isolation == Isolation::Chroot {
            plan.root = File::open(image.lower()).unwrap().into();
        }
        plan.env.push(format!("{MARKER}={marker}").into());
        let Ok(mut running) = launcher.run(plan) else { return };
        let mut first = String::new();
        BufReader::new(File::from(running.stdout.take().unwrap())).read_line(&mut first).unwrap();
        println!("round {round}");
        running.kill_handle().kill();
        if running.wait().is_err() {
            return;
        }
    }
}

/// Waits for `microseconds`, or for less if the builder ends before.
fn let_run(builder: &Child, microseconds: i64) {
    let pidfd = rustix::process::pidfd_open(Pid::from_child(builder), PidfdFlags::empty()).unwrap();
    let limit = Timespec { tv_sec: 0, tv_nsec: microseconds * 1000 };
    rustix::event::poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&limit)).unwrap();
}

fn kill_once(victim: Victim, standing: Standing, attempt: u32) {
    let marker = format!("{}-{victim:?}-{standing:?}-{attempt}", std::process::id());
    let scratch = support::scratch();
    chown(scratch.path(), Some(support::OUTSIDER), Some(support::OUTSIDER)).unwrap();
    let mut builder = cases::command(&std::env::current_exe().unwrap(), &format!("{standing:?}"))
        .env(MARKER, &marker)
        .env("TMPDIR", scratch.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(builder.stdout.take().unwrap()).lines().map_while(Result::ok);
    let launcher = lines.find_map(|line| line.split("launcher ").nth(1)?.parse().ok()).unwrap();
    // Odd steps of 137 us over 8 ms hit the set-up, the running step and its end alike.
    let_run(&builder, i64::from(attempt) * 137 % 8000);
    let target = match victim {
        Victim::Builder => Pid::from_child(&builder),
        Victim::Launcher => Pid::from_raw(launcher).unwrap(),
    };
    let marker = format!("{MARKER}={marker}");
    let namespaces = support::namespaces_of(&marker);
    let killed = support::ticks();
    rustix::process::kill_process(target, Signal::KILL).unwrap();
    builder.wait().unwrap();
    // The builder's pipe closes when the last process of the tree, which all have it, is gone.
    lines.for_each(drop);
    await_none(|| processes_of(&marker));
    // A namespace lives as long as a process is in it, or a mount or descriptor of one holds it.
    assert!(!namespaces.is_empty() || standing == Standing::Chroot, "the launcher has namespaces of its own");
    await_none(|| support::inhabitants(&namespaces, killed));
}

/// Waits until no such process is left; a step that survived would sleep far longer than this waits.
fn await_none(find: impl Fn() -> Vec<u32>) {
    let mut left = find();
    for _ in 0..1000 {
        let Some(pid) = left.first().and_then(|pid| Pid::from_raw(pid.cast_signed())) else { return };
        if let Ok(pidfd) = rustix::process::pidfd_open(pid, PidfdFlags::empty()) {
            let limit = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
            rustix::event::poll(&mut [PollFd::from_borrowed_fd(pidfd.as_fd(), PollFlags::IN)], Some(&limit)).unwrap();
        }
        left = find();
    }
    panic!("left behind: {left:?}");
}

fn kill_many(victim: Victim, standing: Standing) {
    let count = std::env::var("CONTAINR_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(20);
    let mounts = support::mounts();
    for attempt in 0..count {
        kill_once(victim, standing, attempt);
    }
    assert_eq!(support::mounts(), mounts);
}
