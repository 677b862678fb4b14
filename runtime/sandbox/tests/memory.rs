//! A step that takes more memory than its builder's cgroup has.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a failure is a failed test, a skipped one is told")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};

use containr_sandbox::Exit;
use support::cases::{self, Test};
use support::{Image, launcher, run};

const DIRECTORY: &str = "CONTAINR_TEST_CGROUP";

fn main() {
    support::cases::main(&[Test { name: "running_out_of_memory_is_told", run: in_a_cgroup }], case);
}

/// A cgroup with 64 MiB, removed on drop.
struct Cgroup(PathBuf);

impl Cgroup {
    fn new() -> Option<Cgroup> {
        let name = format!("containr-step-{}", std::process::id());
        let limits = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")];
        limits.iter().find_map(|(hierarchy, limit)| {
            let directory = Path::new(hierarchy).join(&name);
            fs::create_dir(&directory).ok()?;
            let cgroup = Cgroup(directory);
            fs::write(cgroup.0.join(limit), "67108864").ok().map(|()| cgroup)
        })
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

fn in_a_cgroup(name: &'static str) {
    let Some(cgroup) = Cgroup::new() else {
        assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "CI must have a memory cgroup");
        eprintln!("skipped: needs a writable memory cgroup");
        return;
    };
    let status = cases::command(&std::env::current_exe().unwrap(), name).env(DIRECTORY, &cgroup.0).status().unwrap();
    assert!(status.success());
}

fn case(_name: &str) {
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).unwrap());
    fs::write(directory.join("cgroup.procs"), std::process::id().to_string()).unwrap();
    let (launcher, image) = (launcher(), Image::new());
    let told = run(&launcher, image.plan("true")).unwrap();
    assert!(!told.report.out_of_memory);
    let told = run(&launcher, image.plan_of(&["dd", "if=/dev/zero", "of=/dev/null", "bs=200M", "count=1"])).unwrap();
    assert_eq!((told.report.exit, told.report.out_of_memory), (Exit::Signal(9), true));
}
