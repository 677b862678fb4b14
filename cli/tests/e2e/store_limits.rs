//! States that cannot take what a build wants to put there.

use std::fs;
use std::process::Command;

use crate::place::{Place, says};

/// A small file system on the state's place, unmounted when dropped.
struct SmallDisk(String);

impl SmallDisk {
    fn new(place: &Place, options: &str) -> Self {
        let target = place.arg("small");
        fs::create_dir(&target).unwrap();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs", &target]).status().unwrap();
        assert!(done.success());
        Self(target)
    }
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
    says(&told.fails(1), &["No space left on device", "hint: the disk is full"]);
    let told = place.build("FROM base\nRUN head -c 40000000 /dev/zero > /big\n", &["--root", root]);
    says(&told.fails(1), &["hint: the disk is full"]);
    place.build("FROM base\nRUN echo x > /small\n", &["--root", root]).ok();
    assert_eq!(place.containr(&["--root", root, "run", "t", "cat", "/small"]).ok().stdout, "x\n");
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
