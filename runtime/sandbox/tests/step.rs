//! Steps as root: how they end, what they are told, what they leave.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]
mod support;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};

use containr_sandbox::{Exit, Limit, Resource, SandboxError, Stdio, User};
use support::Fixture;

#[test]
fn both_streams_and_the_exit_code_are_told() {
    let Some(fixture) = Fixture::new() else { return };
    let told = fixture.run(fixture.plan("echo out; echo err >&2; exit 7")).unwrap();
    assert_eq!((told.stdout.as_str(), told.stderr.as_str(), told.report.exit), ("out\n", "err\n", Exit::Code(7)));
    assert!(!told.report.out_of_memory);
}

#[test]
fn the_streams_are_the_ones_given() {
    let Some(fixture) = Fixture::new() else { return };
    let file = |name: &str| {
        File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(fixture.image.dir.path().join(name))
            .unwrap()
    };
    fs::write(fixture.image.dir.path().join("in"), "question\n").unwrap();
    let mut plan = fixture.plan("cat; echo answer >&2");
    plan.stdio = Stdio::Given { stdin: file("in").into(), stdout: file("out").into(), stderr: file("err").into() };
    let running = fixture.launcher().run(plan).unwrap();
    assert!(running.stdout.is_none() && running.stderr.is_none());
    assert_eq!(running.wait().unwrap().exit, Exit::Code(0));
    let read = |name: &str| fs::read_to_string(fixture.image.dir.path().join(name)).unwrap();
    assert_eq!((read("out").as_str(), read("err").as_str()), ("question\n", "answer\n"));
}

#[test]
fn a_signal_is_told() {
    let Some(fixture) = Fixture::new() else { return };
    let told = fixture.run(fixture.plan("sh -c 'kill -9 $$'; exit $?")).unwrap();
    assert_eq!(told.report.exit, Exit::Code(137));
}

#[test]
fn a_killed_step_ends_by_signal_with_all_its_processes() {
    let Some(fixture) = Fixture::new() else { return };
    let running = fixture.launcher().run(fixture.plan("sleep 1000 & echo started; sleep 1000")).unwrap();
    let handle = running.kill_handle();
    read_line(running.stdout.as_ref().unwrap());
    handle.kill();
    assert_eq!(running.wait().unwrap().exit, Exit::Signal(9));
    handle.kill();
}

#[test]
fn a_dropped_step_is_killed() {
    let Some(fixture) = Fixture::new() else { return };
    let mut running = fixture.launcher().run(fixture.plan("echo started; sleep 1000")).unwrap();
    let stdout = running.stdout.take().unwrap();
    read_line(&stdout);
    drop(running);
    // The pipe's other end closes when the last process that has it is gone.
    assert_eq!(rustix::io::read(&stdout, &mut [0_u8; 1]).unwrap(), 0);
}

#[test]
fn leftovers_end_with_the_command() {
    let Some(fixture) = Fixture::new() else { return };
    assert_eq!(fixture.sh("(sleep 1000 >/dev/null 2>&1 &) ; echo done"), "done\n");
    assert_eq!(support::processes_of(&fixture.image.marker()), Vec::<u32>::new());
}

#[test]
fn many_steps_at_once_from_many_threads() {
    let Some(fixture) = Fixture::new() else { return };
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let fixture = &fixture;
            scope.spawn(move || {
                let image = support::Image::new();
                for round in 0..10 {
                    let told = support::run(fixture.launcher(), image.plan(&format!("echo {thread} {round}"))).unwrap();
                    assert_eq!(told.text(), format!("{thread} {round}\n"));
                }
            });
        }
    });
}

#[test]
fn more_variables_than_one_message_holds() {
    let Some(fixture) = Fixture::new() else { return };
    let mut plan = fixture.plan("env | grep -c ^LONG");
    plan.env.extend((0..3).map(|index| format!("LONG{index}={}", "x".repeat(100_000)).into()));
    assert_eq!(fixture.run(plan).unwrap().text(), "3\n");
}

#[test]
fn a_missing_command_is_not_found() {
    let Some(fixture) = Fixture::new() else { return };
    let failed = |args: &[&str]| match fixture.run(fixture.image.plan_of(args)) {
        Err(SandboxError::Command { command, source }) => (command, source.kind()),
        other => panic!("{:?}", other.map(|told| told.report)),
    };
    assert_eq!(failed(&["nope"]), ("nope".to_owned(), ErrorKind::NotFound));
    fs::write(fixture.image.lower().join("bin/plain"), "text").unwrap();
    assert_eq!(failed(&["plain"]), ("plain".to_owned(), ErrorKind::PermissionDenied));
    fs::set_permissions(fixture.image.lower().join("bin/plain"), fs::Permissions::from_mode(0o755)).unwrap();
    let Err(SandboxError::Command { source, .. }) = fixture.run(fixture.image.plan_of(&["plain"])) else { panic!() };
    assert_eq!(source.raw_os_error(), Some(8), "exec format error");
}

#[test]
fn a_plan_without_a_command_is_refused() {
    let Some(fixture) = Fixture::new() else { return };
    assert!(matches!(fixture.run(fixture.image.plan_of(&[])), Err(SandboxError::Invalid { .. })));
}

#[test]
fn only_missing_mount_points_are_left_in_the_upper() {
    let Some(fixture) = Fixture::new() else { return };
    fixture.sh("true");
    let mut left: Vec<(String, u32)> = fs::read_dir(fixture.image.upper())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().permissions().mode() & 0o7777)
        })
        .collect();
    left.sort();
    assert_eq!(left, [("dev", 0o755), ("proc", 0o755), ("sys", 0o755)].map(|(name, mode)| (name.to_owned(), mode)));
}

#[test]
fn the_upper_stays_empty_where_nothing_is_missing() {
    let Some(fixture) = Fixture::new() else { return };
    for name in ["dev", "proc", "sys"] {
        fs::create_dir(fixture.image.lower().join(name)).unwrap();
    }
    fixture.sh("true; echo > /dev/null; mkdir /dev/x");
    assert_eq!(fs::read_dir(fixture.image.upper()).unwrap().count(), 0);
}

#[test]
fn the_working_directory_is_made_and_entered() {
    let Some(fixture) = Fixture::new() else { return };
    symlink("/tmp", fixture.image.lower().join("link")).unwrap();
    let mut plan = fixture.plan("pwd; stat -c %a:%u .");
    plan.cwd = "/link/new//deep/".into();
    plan.user.uid = 1000;
    assert_eq!(fixture.run(plan).unwrap().text(), "/tmp/new/deep\n755:0\n");
}

#[test]
fn a_working_directory_by_way_of_a_descriptor_is_refused() {
    let Some(fixture) = Fixture::new() else { return };
    for number in 0..12 {
        let mut plan = fixture.plan("true");
        plan.cwd = format!("/proc/self/fd/{number}").into();
        let failed = fixture.run(plan).err();
        assert!(matches!(failed, Some(SandboxError::Directory { .. })), "{number}: {failed:?}");
    }
}

#[test]
fn no_descriptor_but_the_streams_is_inherited() {
    let Some(fixture) = Fixture::new() else { return };
    let told = fixture.run(fixture.image.plan_of(&["ls", "/proc/self/fd"])).unwrap().text();
    assert_eq!(told, "0\n1\n2\n3\n", "3 is the directory that is listed");
}

#[test]
fn limits_are_set() {
    let Some(fixture) = Fixture::new() else { return };
    let mut plan = fixture.plan("ulimit -Sn; ulimit -Hn");
    plan.limits.push(Limit { resource: Resource::parse("nofile").unwrap(), soft: 64, hard: 128 });
    assert_eq!(fixture.run(plan).unwrap().text(), "64\n128\n");
}

#[test]
fn a_dead_launcher_is_an_error_not_a_hang() {
    let Some(fixture) = Fixture::new() else { return };
    let mut running = fixture.launcher().run(fixture.plan("echo $PPID; sleep 1000")).unwrap();
    read_line(running.stdout.as_ref().unwrap());
    let stdout = running.stdout.take();
    rustix::process::pidfd_send_signal(fixture.launcher().pidfd(), rustix::process::Signal::KILL).unwrap();
    assert!(matches!(running.wait(), Err(SandboxError::LauncherGone)));
    assert_eq!(rustix::io::read(stdout.unwrap(), &mut [0_u8; 1]).unwrap(), 0, "its processes are gone");
    let again = fixture.run(fixture.plan("true")).err();
    assert!(matches!(again, Some(SandboxError::LauncherGone)), "{again:?}");
}

#[test]
fn another_user_may_open_the_streams_again() {
    let Some(fixture) = Fixture::new() else { return };
    let mut plan = fixture.plan("echo out > /dev/stdout; echo err > /dev/stderr; id -u; id -g; id -G");
    plan.user = User { uid: 1000, gid: 2000, groups: vec![2000, 44] };
    let told = fixture.run(plan).unwrap();
    assert_eq!((told.stderr.as_str(), told.stdout.as_str()), ("err\n", "out\n1000\n2000\n2000 44\n"));
}

#[test]
fn the_launcher_keeps_little_of_its_owners_memory() {
    let heap = vec![1_u8; 64 << 20];
    let Some(fixture) = Fixture::new() else { return };
    assert_eq!(fixture.sh("echo works"), "works\n");
    let pid = support::pid_of(fixture.launcher());
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let kib = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse().ok());
    assert!(kib.is_some_and(|kib: u32| kib < 4096), "{kib:?} KiB");
    assert_eq!(heap[heap.len() - 1], 1, "the owner still has it");
}

fn read_line(stream: impl std::os::fd::AsFd) {
    let mut byte = [0_u8];
    while rustix::io::read(&stream, &mut byte).unwrap() == 1 && byte != *b"\n" {}
}
