//! Steps as root: what they cannot see, reach or do.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]
mod support;

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::{PermissionsExt, symlink};

use containr_sandbox::{Access, Exit, Mount, MountSource, Network, SandboxError, Seccomp};
use containr_sys::mount::{Attributes, Depth, bind};
use support::{Fixture, elf};

fn status_lines(status: &str, names: &[&str]) -> Vec<String> {
    let lines = status.lines().filter(|line| names.iter().any(|name| line.starts_with(&format!("{name}:"))));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn privileges_are_those_of_docker() {
    let Some(fixture) = Fixture::new() else { return };
    let names =
        ["Umask", "SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"];
    let caps = "00000000a80425fb";
    let none = "0000000000000000";
    let wanted = |cap: &str| {
        vec![
            "Umask: 0022".to_owned(),
            format!("SigBlk: {none}"),
            format!("SigIgn: {none}"),
            format!("CapInh: {none}"),
            format!("CapPrm: {cap}"),
            format!("CapEff: {cap}"),
            format!("CapBnd: {caps}"),
            format!("CapAmb: {none}"),
            "NoNewPrivs: 0".to_owned(),
            "Seccomp: 2".to_owned(),
        ]
    };
    let plan = || fixture.image.plan_of(&["cat", "/proc/self/status"]);
    assert_eq!(status_lines(&fixture.run(plan()).unwrap().text(), &names), wanted(caps));
    let mut plan = plan();
    plan.user.uid = 1;
    assert_eq!(status_lines(&fixture.run(plan).unwrap().text(), &names), wanted(none));
}

#[test]
fn namespaces_are_its_own() {
    let Some(fixture) = Fixture::new() else { return };
    let told =
        fixture.sh("for n in mnt pid ipc uts cgroup net user; do readlink /proc/self/ns/$n; done; hostname; echo $$");
    let theirs: Vec<&str> = told.lines().collect();
    for (index, name) in ["mnt", "pid", "ipc", "uts", "cgroup", "net", "user"].iter().enumerate() {
        let ours = fs::read_link(format!("/proc/self/ns/{name}")).unwrap();
        let shared = index >= 5;
        assert_eq!(ours.to_str() == Some(theirs[index]), shared, "{name}");
    }
    assert_eq!(theirs[7..], ["step", "1"]);
}

#[test]
fn without_network_there_is_loopback_alone() {
    let Some(fixture) = Fixture::new() else { return };
    let mut plan = fixture.plan("ip -o link; ip -o addr");
    plan.network = Network::None;
    let told = fixture.run(plan).unwrap().text();
    assert!(told.lines().next().unwrap().contains("LOOPBACK,UP"), "{told}");
    assert!(told.contains("127.0.0.1/8"), "{told}");
    assert!(!told.lines().any(|line| line.starts_with("2:") && line.contains("UP")), "{told}");
}

#[test]
fn only_its_own_processes_and_mounts_are_seen() {
    let Some(fixture) = Fixture::new() else { return };
    let told = fixture.sh("cut -d' ' -f5 /proc/self/mountinfo | sort");
    let masked = told.lines().filter(|point| point.starts_with("/proc/") || point.starts_with("/sys/")).count();
    let rest: Vec<&str> =
        told.lines().filter(|point| !point.starts_with("/proc/") && !point.starts_with("/sys/")).collect();
    assert_eq!(rest, ["/", "/dev", "/dev/mqueue", "/dev/pts", "/dev/shm", "/proc", "/sys"]);
    assert!(masked >= 6, "{told}");
}

#[test]
fn kernel_knobs_are_out_of_reach() {
    let Some(fixture) = Fixture::new() else { return };
    let told = fixture.sh("wc -c < /proc/timer_list; wc -c < /proc/keys; ls /sys/firmware | wc -l; \
         (echo x > /proc/sys/kernel/hostname) 2>/dev/null || echo sys; \
         (echo h > /proc/sysrq-trigger) 2>/dev/null || echo sysrq; \
         (echo x > /sys/kernel/x) 2>/dev/null || echo sysfs; \
         mount -t tmpfs t /tmp 2>/dev/null || echo mount; umount /proc/keys 2>/dev/null || echo umount; \
         mknod /tmp/disk b 8 0 && echo node");
    assert_eq!(told, "0\n0\n0\nsys\nsysrq\nsysfs\nmount\numount\nnode\n");
}

#[test]
fn devices_are_the_usual_ones() {
    let Some(fixture) = Fixture::new() else { return };
    let told = fixture.sh("cd /dev; for n in null zero full random urandom tty; do stat -c '%n %t:%T %a' $n; done; \
         echo x > null; head -c 4 zero | wc -c; readlink fd; readlink ptmx; stat -c %a shm pts; touch shm/x; ls | wc -l");
    assert_eq!(
        told,
        "null 1:3 666\nzero 1:5 666\nfull 1:7 666\nrandom 1:8 666\nurandom 1:9 666\ntty 5:0 666\n\
         4\n/proc/self/fd\npts/ptmx\n1777\n755\n15\n"
    );
}

#[test]
fn filtered_calls_give_the_errors_of_docker() {
    let Some(fixture) = Fixture::new() else { return };
    let bin = fixture.image.lower().join("bin");
    for (name, program) in [
        ("uring", elf::call_64(425)),
        ("clone3", elf::call_64(435)),
        ("future", elf::call_64(2000)),
        ("old", elf::exit_32(42)),
    ] {
        fs::write(bin.join(name), program).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let exit = |command: &str, seccomp| {
        let mut plan = fixture.image.plan_of(&[command]);
        plan.seccomp = seccomp;
        fixture.run(plan).unwrap().report.exit
    };
    assert_eq!(exit("uring", Seccomp::Default), Exit::Code(1), "EPERM");
    assert_eq!(exit("clone3", Seccomp::Default), Exit::Code(38), "ENOSYS");
    assert_eq!(exit("future", Seccomp::Default), Exit::Code(38), "ENOSYS");
    assert_eq!(exit("old", Seccomp::Default), Exit::Code(42), "an i386 program runs");
    assert_eq!(exit("clone3", Seccomp::Unconfined), Exit::Code(22), "EINVAL of the kernel itself");
}

#[test]
fn roots_with_links_for_mount_points_are_refused() {
    for name in ["proc", "sys", "dev"] {
        for target in ["/etc", "../../../../etc", "tmp"] {
            let Some(fixture) = Fixture::new() else { return };
            symlink(target, fixture.image.lower().join(name)).unwrap();
            let failed = fixture.run(fixture.plan("true")).err();
            assert!(matches!(failed, Some(SandboxError::Setup { .. })), "/{name} to {target}: {failed:?}");
        }
    }
}

#[test]
fn mount_targets_stay_inside_the_root() {
    let Some(fixture) = Fixture::new() else { return };
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "outside").unwrap();
    fs::create_dir_all(fixture.image.lower().join("inner")).unwrap();
    symlink("/../../inner", fixture.image.lower().join("up")).unwrap();
    let source = tempfile::tempdir().unwrap();
    fs::write(source.path().join("file"), "content\n").unwrap();
    let mut plan = fixture.plan("cat /inner/file; touch /inner/new 2>/dev/null || echo read-only");
    plan.mounts.push(bound(source.path(), "/up", Access::ReadOnly));
    assert_eq!(fixture.run(plan).unwrap().text(), "content\nread-only\n");
}

#[test]
fn nothing_is_mounted_on_kernel_file_systems() {
    let Some(fixture) = Fixture::new() else { return };
    symlink("/proc/sys", fixture.image.lower().join("sneaky")).unwrap();
    let source = tempfile::tempdir().unwrap();
    for target in ["/proc", "/proc/sys", "/sys/fs", "/sneaky", "/tmp/../proc/1/fd"] {
        let mut plan = fixture.plan("true");
        plan.mounts.push(bound(source.path(), target, Access::ReadWrite));
        let failed = fixture.run(plan).err();
        assert!(matches!(failed, Some(SandboxError::Mount { .. })), "{target}: {failed:?}");
    }
}

#[test]
fn the_root_and_relative_places_are_no_targets() {
    let Some(fixture) = Fixture::new() else { return };
    for target in ["/", "//.", "tmp", ""] {
        let mut plan = fixture.plan("true");
        plan.mounts.push(bound(&fixture.image.lower(), target, Access::ReadWrite));
        let failed = fixture.run(plan).err();
        assert!(matches!(failed, Some(SandboxError::Invalid { .. })), "{target}: {failed:?}");
    }
}

#[test]
fn writable_mounts_and_new_file_systems() {
    let Some(fixture) = Fixture::new() else { return };
    fs::create_dir_all(fixture.image.lower().join("cache")).unwrap();
    let source = tempfile::tempdir().unwrap();
    let mut plan =
        fixture.plan("echo kept > /cache/file; stat -f -c '%b %S' /tmp; stat -c %a /tmp; stat -f -c '%b %S' /dev/shm");
    plan.shm_size = 1 << 20;
    plan.mounts.push(bound(source.path(), "/cache", Access::ReadWrite));
    let tmpfs = MountSource::Tmpfs { size_bytes: Some(8 << 20), mode: 0o1777 };
    plan.mounts.push(Mount { target: "/tmp".into(), source: tmpfs, access: Access::ReadWrite });
    assert_eq!(fixture.run(plan).unwrap().text(), "2048 4096\n1777\n256 4096\n");
    assert_eq!(fs::read_to_string(source.path().join("file")).unwrap(), "kept\n");
    assert!(!fixture.image.upper().join("cache").exists(), "nothing of a mount is in the upper");
}

#[test]
fn mount_points_below_dev_are_made() {
    let Some(fixture) = Fixture::new() else { return };
    let source = tempfile::tempdir().unwrap();
    fs::write(source.path().join("script"), "here\n").unwrap();
    let mut plan = fixture.plan("cat /dev/pipes/script /dev/a/b/script");
    plan.mounts.push(bound(&source.path().join("script"), "/dev/pipes/script", Access::ReadOnly));
    plan.mounts.push(bound(source.path(), "/dev/a/b", Access::ReadOnly));
    assert_eq!(fixture.run(plan).unwrap().text(), "here\nhere\n");
    assert!(!fixture.image.upper().join("dev/pipes").exists(), "nothing of /dev is in the upper");
}

#[test]
fn the_binary_of_the_builder_cannot_be_reached() {
    let Some(fixture) = Fixture::new() else { return };
    let told = fixture.sh("readlink /proc/1/exe; readlink /proc/self/exe; ls /proc | grep -c '^[0-9]'");
    assert!(told.lines().take(2).all(|line| line == "/bin/busybox"), "{told}");
}

fn bound(source: &std::path::Path, target: &str, access: Access) -> Mount {
    let source = File::open(source).unwrap();
    let detached = bind(source.as_fd(), Depth::Recursive, Attributes::empty()).unwrap();
    Mount { target: target.into(), source: MountSource::Detached(detached), access }
}
