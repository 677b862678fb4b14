//! States that cannot take what a build wants to put there.

use std::fs;
use std::process::Command;

use containr_testkit::registry::ScriptedRegistry;

use crate::place::{Place, says};

/// A small file system on the state's place, unmounted when dropped.
struct SmallDisk(String);

impl SmallDisk {
    fn new(place: &Place, options: &str) -> Self {
        Self::at(place.arg("small"), options)
    }

    fn at(target: String, options: &str) -> Self {
        fs::create_dir(&target).unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs", &target]).status().unwrap();
        assert!(done.success());
        Self(target)
    }
}

impl SmallDisk {
    /// Makes room.
    fn grow(&self) {
        let done = Command::new("mount").args(["-o", "remount,size=400m", &self.0]).status().unwrap();
        assert!(done.success());
    }

    /// Insists that nothing half-made lies in the state there.
    #[track_caller]
    fn holds_nothing_half_made(&self) {
        for directory in ["work-1", "ingest", "leases"] {
            let left: Vec<_> = fs::read_dir(format!("{}/{directory}", self.0)).unwrap().collect();
            assert!(left.is_empty(), "{directory}: {left:?}");
        }
    }
}

/// Returns bytes that no codec makes smaller.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..length / 8).flat_map(|_| next()).collect()
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l", &self.0]).status();
    }
}

#[test]
fn a_full_disk_is_told_and_the_store_survives() {
    let Some(place) = Place::new() else { return };
    place.containr(&["save", "-o", "base.tar", "base"]).ok();
    let disk = SmallDisk::new(&place, "size=24m");
    let root = disk.0.as_str();
    place.containr(&["--root", root, "load", "-i", "base.tar"]).ok();
    place.file("big", vec![b'x'; 40 << 20]);
    let told = place.build("FROM base\nCOPY big /\n", &["--root", root]);
    says(&told.fails(1), &["No space left on device", "hint: the disk is full", "Dockerfile:2:1"]);
    disk.holds_nothing_half_made();
    let told = place.build("FROM base\nRUN head -c 40000000 /dev/zero > /big\n", &["--root", root]);
    says(&told.fails(1), &["hint: the disk is full"]);
    disk.holds_nothing_half_made();
    place.build("FROM base\nRUN echo x > /small\n", &["--root", root]).ok();
    assert_eq!(place.containr(&["--root", root, "run", "t", "cat", "/small"]).ok().stdout, "x\n");
    disk.grow();
    place.build("FROM base\nCOPY big /\nRUN head -c 40000000 /dev/zero > /zeros\n", &["--root", root]).ok();
    let told = place.containr(&["--root", root, "run", "t", "stat", "-c", "%s", "/big", "/zeros"]).ok();
    assert_eq!(told.stdout, "41943040\n40000000\n");
}

#[test]
fn a_pull_onto_a_full_disk_is_told_and_done_when_there_is_room() {
    let Some(place) = Place::new() else { return };
    let registry = ScriptedRegistry::start();
    let name = format!("{}/big:1", registry.host());
    place.file("big", noise(40 << 20));
    place.build("FROM base\nCOPY big /\n", &["-t", &name]).ok();
    place.containr(&["push", &name]).ok();
    let disk = SmallDisk::new(&place, "size=24m");
    let pull = || place.containr(&["--root", &disk.0, "pull", &name]);
    says(&pull().fails(1), &["No space left on device", "hint: the disk is full"]);
    disk.holds_nothing_half_made();
    place.containr(&["--root", &disk.0, "run", "--pull", "never", &name, "true"]).fails(125);
    disk.grow();
    pull().ok();
    let told = place.containr(&["--root", &disk.0, "run", &name, "stat", "-c", "%s", "/big"]).ok();
    assert_eq!(told.stdout, "41943040\n");
}

#[test]
fn an_output_onto_a_full_disk_leaves_no_part_of_it() {
    let Some(place) = Place::new() else { return };
    place.file("big", noise(40 << 20));
    let disk = SmallDisk::new(&place, "size=24m");
    for output in ["type=oci,dest=small/o.tar", "type=docker,dest=small/d.tar", "type=tar,dest=small/t.tar"] {
        let shown = place.build("FROM base\nCOPY big /\n", &["-o", output]).fails(1);
        says(&shown, &["No space left on device"]);
        let left: Vec<_> = fs::read_dir(&disk.0).unwrap().collect();
        assert!(left.is_empty(), "{output}: {left:?}");
    }
    disk.grow();
    place.build("FROM base\nCOPY big /\n", &["-o", "type=oci,dest=small/o.tar"]).ok();
    place.containr(&["--root", "other", "load", "-i", "small/o.tar"]).ok();
}

#[test]
fn a_home_that_cannot_be_written_does_not_matter() {
    let Some(place) = Place::new() else { return };
    let _home = SmallDisk::at(place.arg("home"), "size=1m,ro");
    place.build("FROM base\nRUN echo x > /file\n", &["-o", "type=oci,dest=o.tar"]).ok();
    assert_eq!(place.sh("t", "cat /file"), "x\n");
}

#[test]
fn a_read_only_state_is_told() {
    let Some(place) = Place::new() else { return };
    let disk = SmallDisk::new(&place, "size=1m,ro");
    let shown = place.build("FROM scratch\n", &["--root", &disk.0]).fails(1);
    says(&shown, &["cannot open the state in", "Read-only file system", "--root or CONTAINR_ROOT"]);
}

#[test]
fn a_home_that_is_not_there_does_not_matter() {
    let Some(place) = Place::new() else { return };
    place.build("FROM base\nRUN true\n", &[]).ok();
    assert!(!place.path("home").exists());
}
