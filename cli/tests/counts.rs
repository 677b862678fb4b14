//! What a further RUN step costs in system calls: a promise that no clock has to judge.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a failure is a failed test, a skipped one is told")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many steps the longer build has more than the shorter one.
const FURTHER: i64 = 10;
/// The most system calls of a further step, those of the command itself included; 451 when this was written.
const MOST_CALLS: i64 = 600;

/// The longer build may make the index's log long enough to be copied into the index, once and after the output: log, index.
const SYNCS_OF_A_CHECKPOINT: i64 = 2;

/// Calls by name, of the builder with everything that it started.
type Counts = BTreeMap<String, i64>;

#[test]
fn a_step_is_one_exec_and_no_sync() {
    let Some((strace, busybox)) = tools() else { return };
    let place = tempfile::tempdir().unwrap();
    fs::copy(busybox, place.path().join("busybox")).unwrap();
    // The first build brings what the others find; then both do the same but for the further steps.
    counted(&strace, place.path(), 1);
    let few = counted(&strace, place.path(), 1);
    let many = counted(&strace, place.path(), 1 + FURTHER);
    let further = |name: &str| {
        let calls = |counts: &Counts| counts.get(name).copied().unwrap_or(0);
        calls(&many) - calls(&few)
    };
    assert_eq!(further("execve"), FURTHER, "the command is all that a step executes");
    let syncs: i64 =
        ["fsync", "fdatasync", "sync", "syncfs", "msync", "sync_file_range"].into_iter().map(further).sum();
    assert!(syncs <= SYNCS_OF_A_CHECKPOINT, "{syncs} syncs for {FURTHER} steps");
    let all = |counts: &Counts| counts.values().sum::<i64>();
    let calls = (all(&many) - all(&few)) / FURTHER;
    assert!(calls <= MOST_CALLS, "a step makes {calls} system calls");
}

/// Builds a file of `steps` commands without the cache and returns the calls that were made.
fn counted(strace: &Path, place: &Path, steps: i64) -> Counts {
    let mut text = "FROM scratch\nCOPY busybox /bin/busybox\n".to_owned();
    for step in 0..steps {
        text.push_str(&format!("RUN [\"/bin/busybox\", \"true\", \"{step}\"]\n"));
    }
    fs::write(place.join("Dockerfile"), text).unwrap();
    let table = place.join("table");
    let built = Command::new(strace)
        .args(["--follow-forks", "--summary-only", "--output"])
        .arg(&table)
        .arg(env!("CARGO_BIN_EXE_containr"))
        .arg("--root")
        .arg(place.join("state"))
        .args(["build", "--no-cache", "--progress", "plain"])
        .arg(place)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // % time, seconds, usecs/call, calls, (errors,) name; the last line is their sum.
    let table = fs::read_to_string(table).unwrap();
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let counts = rows.filter_map(|row| Some(((*row.last()?).to_owned(), row.get(3)?.parse().ok()?)));
    let counts: Counts = counts.filter(|(name, _)| name != "total").collect();
    assert!(counts["execve"] > steps, "{table}");
    counts
}

/// Returns strace and a static busybox; without them, or as another user than root, says so.
fn tools() -> Option<(PathBuf, PathBuf)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    let found = find("strace").zip(find("busybox")).filter(|_| rustix::process::geteuid().is_root());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "CI has root, strace and busybox");
        eprintln!("skipped: needs root, strace and a static busybox");
    }
    found
}
