//! What a step changed is a function of two trees: overlay, as root and in a user namespace, and copies give the same layer,
//! byte for byte.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests")]

mod rootless;
#[path = "../support/mod.rs"]
mod support;

use std::fs::{self, Permissions};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use containr_layer::{Codec, Digests};
use containr_snapshot::{DriverChoice, SnapshotPaths, Snapshots, View};
use containr_tree::Listing;
use rustix::fs::{CWD, Timespec, Timestamps};
use support::{archive, folder, is_root, member, with_context};

/// The tree before the step.
fn base() -> Vec<u8> {
    let file = |name: &str, content: &[u8]| member(name, b'0', "", content);
    let directory = |name: &str| member(name, b'5', "", b"");
    archive(&[
        directory("dir"),
        file("dir/a", b"a"),
        file("dir/b", b"b"),
        directory("dir/sub"),
        file("dir/sub/deep", b"deep"),
        directory("full"),
        file("full/x", b"x"),
        file("full/y", b"y"),
        file("same", b"same"),
        file("swap", b"12345"),
        member("link", b'2', "same", b""),
        file("one", b"linked"),
        member("two", b'1', "one", b""),
    ])
}

/// Runs `step` on the base with the given driver and returns the listing and the tar of what it changed.
fn changes(driver: DriverChoice, step: impl FnOnce(&Path)) -> (Listing, Vec<u8>) {
    let place = folder();
    let at = |name: &str| {
        let path = place.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    let paths = SnapshotPaths { deltas: at("deltas"), work: at("work"), trash: at("trash") };
    let snapshots = Snapshots::open(&paths, driver).unwrap();
    let fresh = snapshots.create().unwrap();
    let unpacked = with_context(1, |c| containr_layer::unpack(&mut &base()[..], &fresh, None, c)).unwrap();
    let view = View::new(vec![fresh.commit(&unpacked.listing).unwrap()]);
    let active = snapshots.prepare(&view).unwrap();
    let mount = active.mount(&[]).unwrap();
    step(Path::new(&format!("/proc/self/fd/{}", mount.as_raw_fd())));
    drop(mount);
    let parent = snapshots.mount(&view).unwrap();
    let mut listing = with_context(1, |c| containr_layer::diff(&active, parent.as_fd(), c)).unwrap();
    let (containr_snapshot::Changes::Upper(tree) | containr_snapshot::Changes::Full(tree)) = active.changes().unwrap();
    let mut tar = Vec::new();
    with_context(1, |c| {
        containr_layer::seal_into(tree.as_fd(), &mut listing, Digests::Fill, Codec::Plain, &mut tar, c)
    })
    .unwrap();
    (listing, tar)
}

fn set_time(path: &Path, seconds: i64) {
    let time = Timespec { tv_sec: seconds, tv_nsec: 0 };
    let times = Timestamps { last_access: time, last_modification: time };
    rustix::fs::utimensat(CWD, path, &times, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).unwrap();
}

/// Sets one time everywhere below `path` but in what the base had: times of new files would differ between the drivers.
fn level(path: &Path) {
    for item in fs::read_dir(path).unwrap() {
        let item = item.unwrap();
        if item.file_type().unwrap().is_dir() {
            level(&item.path());
            set_time(&item.path(), 9);
        } else if item.metadata().unwrap().modified().unwrap()
            > std::time::UNIX_EPOCH + std::time::Duration::from_secs(100)
        {
            set_time(&item.path(), 9);
        }
    }
}

/// Returns a line for each change, the same with both drivers.
fn lines(step: impl Fn(&Path)) -> Vec<String> {
    let leveled = |root: &Path| {
        step(root);
        level(root);
    };
    let (overlay, tar) = changes(DriverChoice::Overlay, leveled);
    let (copies, tar_of_copies) = changes(DriverChoice::Copies, leveled);
    assert_eq!(overlay, copies);
    assert!(tar == tar_of_copies);
    let line = |entry: &containr_tree::Entry| format!("{:?} {}", entry.kind, entry.path);
    let short = |line: String| {
        let kind = line.split([' ', '{']).next().unwrap().to_owned();
        format!("{kind} {}", line.rsplit(' ').next().unwrap())
    };
    overlay.entries().iter().map(line).map(short).collect()
}

#[track_caller]
fn check(expected: &[&str], step: impl Fn(&Path)) {
    if let Some(folder) = rootless::column() {
        return rootless::note(&folder, &step);
    }
    if is_root() {
        assert_eq!(lines(step), expected);
    }
}

#[test]
fn nothing() {
    check(&[], |_| {});
}

#[test]
fn a_new_file_with_its_unchanged_parents() {
    check(&["Directory /dir", "Directory /dir/sub", "File /dir/sub/new"], |root| {
        fs::write(root.join("dir/sub/new"), b"new").unwrap();
    });
}

#[test]
fn removed_files_and_directories() {
    check(&["Directory /dir", "Whiteout /dir/a", "Whiteout /full"], |root| {
        fs::remove_file(root.join("dir/a")).unwrap();
        fs::remove_dir_all(root.join("full")).unwrap();
    });
}

#[test]
fn a_directory_made_again_hides_each_old_name() {
    check(&["Directory /full", "File /full/new", "Whiteout /full/x", "Whiteout /full/y"], |root| {
        fs::remove_dir_all(root.join("full")).unwrap();
        fs::create_dir(root.join("full")).unwrap();
        fs::write(root.join("full/new"), b"").unwrap();
    });
}

#[test]
fn a_mode_that_came_back_is_no_change() {
    check(&[], |root| {
        fs::set_permissions(root.join("same"), Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(root.join("same"), Permissions::from_mode(0o644)).unwrap();
        fs::write(root.join("dir/passing"), b"").unwrap();
        fs::remove_file(root.join("dir/passing")).unwrap();
    });
}

#[test]
fn other_content_under_an_equal_time_is_a_change() {
    check(&["File /swap"], |root| {
        fs::write(root.join("swap"), b"54321").unwrap();
        set_time(&root.join("swap"), 7);
    });
    check(&[], |root| {
        fs::write(root.join("swap"), b"12345").unwrap();
        set_time(&root.join("swap"), 7);
    });
}

#[test]
fn a_rename_is_a_removal_and_a_new_name() {
    check(&["Directory /dir", "Whiteout /dir/b", "File /moved"], |root| {
        fs::rename(root.join("dir/b"), root.join("moved")).unwrap();
    });
}

#[test]
fn a_file_that_becomes_a_directory_and_the_other_way_round() {
    check(&["File /full", "Directory /same", "File /same/in"], |root| {
        fs::remove_file(root.join("same")).unwrap();
        fs::create_dir(root.join("same")).unwrap();
        fs::write(root.join("same/in"), b"1").unwrap();
        fs::remove_dir_all(root.join("full")).unwrap();
        fs::write(root.join("full"), b"2").unwrap();
    });
}

#[test]
fn a_link_with_another_target() {
    check(&["Symlink /link"], |root| {
        fs::remove_file(root.join("link")).unwrap();
        symlink("swap", root.join("link")).unwrap();
    });
}

#[test]
fn new_names_of_a_new_file_are_links() {
    check(&["File /h1", "HardLink /h2"], |root| {
        fs::write(root.join("h2"), b"new").unwrap();
        fs::hard_link(root.join("h2"), root.join("h1")).unwrap();
    });
}

#[test]
fn a_new_attribute_is_a_change() {
    check(&["File /same"], |root| {
        rustix::fs::setxattr(root.join("same"), "user.note", b"1", rustix::fs::XattrFlags::empty()).unwrap();
    });
}

#[test]
fn sockets_are_in_no_layer() {
    check(&[], |root| {
        drop(std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap());
    });
}
