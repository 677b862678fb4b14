//! Files of a context that are hard to copy: mostly holes, changing, or not for everybody.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::place::{Place, finished, says};

/// An id that owns nothing.
const NOBODY: u32 = 65_534;

/// Returns the bytes that a tree takes on its disk.
fn on_disk(path: &Path) -> u64 {
    let stat = fs::symlink_metadata(path).unwrap();
    let below =
        if stat.is_dir() { fs::read_dir(path).unwrap().map(|entry| on_disk(&entry.unwrap().path())).sum() } else { 0 };
    stat.blocks() * 512 + below
}

#[test]
fn a_sparse_file_of_5_gb_takes_no_space() {
    const SIZE: u64 = 5 << 30;
    let Some(place) = Place::new() else { return };
    place.file("empty", "");
    place.file("sparse", "head");
    let file = File::options().write(true).open(place.path("ctx/sparse")).unwrap();
    file.set_len(SIZE).unwrap();
    file.write_all_at(b"middle", SIZE / 2).unwrap();
    let before = on_disk(&place.path("state"));
    let text = "FROM base\nCOPY empty sparse /\nRUN stat -c '%s %n' /empty /sparse\n";
    says(&place.build(text, &[]).ok().stderr, &["0 /empty", "5368709120 /sparse"]);
    let taken = on_disk(&place.path("state")) - before;
    assert!(taken < 2 << 20, "{taken} bytes for a file of holes");
    let read = "head -c 4 /sparse; busybox dd if=/sparse bs=1M skip=2560 count=1 2>/dev/null | head -c 6";
    assert_eq!(place.sh("t", read), "headmiddle");
    place.build(text, &["-o", "type=local,dest=out"]).ok();
    assert!(on_disk(&place.path("out/sparse")) < 1 << 20);
    let mut bytes = [0; 6];
    File::open(place.path("out/sparse")).unwrap().read_exact_at(&mut bytes, SIZE / 2).unwrap();
    assert_eq!((&bytes, fs::metadata(place.path("out/sparse")).unwrap().len()), (b"middle", SIZE));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_named() {
    let Some(place) = Place::new() else { return };
    place.file("dir/sub/log", vec![b'x'; 32 << 20]);
    place.file("Dockerfile", "FROM base\nCOPY dir /dir\n");
    let (mut log, done) =
        (File::options().append(true).open(place.path("ctx/dir/sub/log")).unwrap(), AtomicBool::new(false));
    let told = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                log.write_all(b"x").unwrap();
            }
        });
        let told = place.containr(&["build", "--progress=plain", "-t", "t", "ctx"]);
        done.store(true, Ordering::Relaxed);
        told
    });
    says(&told.fails(1), &["/dir/sub/log changed during the build", "Dockerfile:2:1"]);
    place.containr(&["run", "--pull", "never", "t", "true"]).fails(125);
    place.containr(&["build", "-t", "t", "ctx"]).ok();
}

#[test]
fn a_file_that_the_user_may_not_read_is_named() {
    let Some(place) = Place::bare() else { return };
    for directory in ["", "ctx"] {
        fs::set_permissions(place.path(directory), Permissions::from_mode(0o755)).unwrap();
    }
    place.file("private/key", "secret");
    fs::set_permissions(place.path("ctx/private/key"), Permissions::from_mode(0o600)).unwrap();
    place.file("Dockerfile", "FROM scratch\nCOPY private /private\n");
    fs::create_dir(place.path("state")).unwrap();
    chown(place.path("state"), Some(NOBODY), Some(NOBODY)).unwrap();
    let build = || {
        let mut command = place.command(&["build", "--progress=plain", "ctx"]);
        command.uid(NOBODY).gid(NOBODY);
        finished(command, b"")
    };
    let hint = "hint: make /private/key readable for the user who builds, or leave it out by a line in .dockerignore";
    says(&build().fails(1), &["cannot read /private/key", "Permission denied", "Dockerfile:2:1", hint]);
    place.file(".dockerignore", "private/key\n");
    build().ok();
}
