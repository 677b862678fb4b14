//! Builds that are ended from outside: nothing is left, and the next build works.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, says};

const TEXT: &str = "FROM base\nRUN echo one > /one\nRUN echo started; sleep 1000\n";

/// Starts a build and returns when its last step runs; the thread ends with the build and returns what it still said.
fn started(place: &Place) -> (Child, JoinHandle<String>) {
    place.file("Dockerfile", TEXT);
    let mut command = place.command(&["build", "--progress=plain", "-t", "t", "ctx"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with(" started")), "the build ended early");
    // The rest is read so that the build can write it.
    let rest = std::thread::spawn(move || lines.map(|line| line.unwrap() + "\n").collect());
    (child, rest)
}

/// Returns the processes that stand in a tree of this place's state: their mounts name it.
fn processes(place: &Place) -> Vec<String> {
    let marker = place.arg("state");
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|pid| {
            let of = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            [of("environ"), of("mounts")].iter().any(|text| contains(text, marker.as_bytes()))
        })
        .collect()
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[track_caller]
fn nothing_left(place: &Place) {
    // A killed launcher takes its steps along; the kernel needs a moment to take them down.
    for _ in 0..500 {
        if processes(place).is_empty() {
            break;
        }
        std::thread::yield_now();
        let _ = rustix::thread::nanosleep(&rustix::time::Timespec { tv_sec: 0, tv_nsec: 10_000_000 });
    }
    assert_eq!(processes(place), Vec::<String>::new());
    assert!(!fs::read_to_string("/proc/self/mounts").unwrap().contains(&place.arg("state")));
}

#[test]
fn an_interrupted_build_exits_with_130_and_leaves_nothing() {
    let Some(place) = Place::new() else { return };
    for signal in [Signal::INT, Signal::TERM] {
        let (mut child, rest) = started(&place);
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let told = rest.join().unwrap();
        says(&told, &["CANCELED", "error: cancelled\n"]);
        assert!(!told.contains("Dockerfile:3"), "no place of the file is to blame: {told}");
        nothing_left(&place);
        assert_eq!(fs::read_dir(place.path("state/work-1")).unwrap().count(), 0);
        assert_eq!(fs::read_dir(place.path("state/leases")).unwrap().count(), 0);
    }
    place.build("FROM base\nRUN echo one > /one\n", &[]).ok();
    assert_eq!(place.sh("t", "cat /one"), "one\n");
}

#[test]
fn a_killed_build_leaves_nothing_after_prune() {
    let Some(place) = Place::new() else { return };
    let (mut child, _rest) = started(&place);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    nothing_left(&place);
    place.build("FROM base\nRUN echo one > /one\n", &[]).ok();
    assert_eq!(place.sh("t", "cat /one"), "one\n");
    place.containr(&["prune"]).ok();
    for directory in ["work-1", "ingest", "leases", "trash", "keys"] {
        assert_eq!(fs::read_dir(place.path("state").join(directory)).unwrap().count(), 0, "{directory}");
    }
}

#[test]
fn an_interrupted_container_leaves_nothing() {
    let Some(place) = Place::new() else { return };
    let mut command = place.command(&["run", "base", "sh", "-c", "echo started; sleep 1000"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_ne!(child.wait().unwrap().code(), Some(0));
    nothing_left(&place);
    assert_eq!(fs::read_dir(place.path("state/work-1")).unwrap().count(), 0);
}
