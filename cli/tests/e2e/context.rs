//! Contexts of all kinds.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use crate::place::{Place, says};

#[test]
fn a_dockerfile_may_come_from_stdin() {
    let Some(place) = Place::new() else { return };
    place.file("data", "in the context\n");
    place.containr_with(&["build", "-t", "t", "-f", "-", "ctx"], b"FROM base\nCOPY data /\n").ok();
    assert_eq!(place.sh("t", "cat /data"), "in the context\n");
    place.containr_with(&["build", "-t", "u", "-"], b"FROM base\nRUN echo alone > /data\n").ok();
    assert_eq!(place.sh("u", "cat /data"), "alone\n");
    place.containr_with(&["build", "-f", "-", "-"], b"FROM base\n").fails(2);
}

#[test]
fn a_context_may_be_a_tar_on_stdin() {
    let Some(place) = Place::new() else { return };
    place.file("Dockerfile", "FROM base\nCOPY dir /dir\n");
    place.file("dir/file", "from a tar\n");
    for compression in ["-c", "-cz"] {
        let context = place.arg("ctx");
        let tar = Command::new("tar").args([compression, "-C", &context, "."]).output().unwrap();
        assert!(tar.status.success());
        place.containr_with(&["build", "-t", "t", "--no-cache", "-"], &tar.stdout).ok();
        assert_eq!(place.sh("t", "cat /dir/file"), "from a tar\n");
    }
    assert_eq!(fs::read_dir(place.path("state/work-1")).unwrap().count(), 0, "the unpacked context is gone");
}

#[test]
fn names_are_bytes() {
    let Some(place) = Place::new() else { return };
    fs::create_dir_all(place.path("ctx/d")).unwrap();
    for name in [&b"no\xff\xfetext"[..], b"new\nline", b" ", b"-rf", "\u{fc}".as_bytes()] {
        fs::write(place.path("ctx/d").join(OsStr::from_bytes(name)), "x").unwrap();
    }
    place.build("FROM base\nCOPY d /d\nRUN cp /d/* /tmp/\n", &["-o", "type=local,dest=out"]).ok();
    for directory in ["out/d", "out/tmp"] {
        let mut names: Vec<Vec<u8>> = fs::read_dir(place.path(directory))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().as_bytes().to_vec())
            .collect();
        names.sort();
        assert_eq!(names, [&b" "[..], b"-rf", b"new\nline", b"no\xff\xfetext", "\u{fc}".as_bytes()]);
    }
}

#[test]
fn a_changed_file_is_seen_even_with_its_old_time() {
    let Some(place) = Place::new() else { return };
    place.file("file", "one");
    let time = fs::metadata(place.path("ctx/file")).unwrap().modified().unwrap();
    place.build("FROM base\nCOPY file /\n", &[]).ok();
    place.file("file", "two");
    File::options().write(true).open(place.path("ctx/file")).unwrap().set_modified(time).unwrap();
    place.build("FROM base\nCOPY file /\n", &[]).ok();
    assert_eq!(place.sh("t", "cat /file"), "two");
}

#[test]
fn pipes_in_the_context_do_not_hang() {
    let Some(place) = Place::new() else { return };
    place.file("file", "x");
    let pipe = place.arg("ctx/pipe");
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let told = place.build("FROM base\nCOPY . /c\n", &[]);
    // BuildKit's client sends no pipes; both a copy of the pipe and its absence are fine, waiting for a writer is not.
    says(&told.ok().stderr, &["COPY . /c"]);
}
