//! What `RUN true` costs beside fork and exec: medians, interleaved in one run.
//!
//! `cargo bench -p containr-sandbox --bench step [ROUNDS]`, as root, with a static busybox.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and has nobody to tell errors to")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Command;
use std::time::{Duration, Instant};

use containr_sandbox::{Network, Plan, Seccomp};
use containr_sys::mount::{Attributes, Depth, bind};
use support::{Image, elf, launcher, privileged};

/// One kind of step to be measured.
struct Series {
    name: &'static str,
    run: Box<dyn FnMut()>,
    times: Vec<Duration>,
}

impl Series {
    fn new(name: &'static str, run: impl FnMut() + 'static) -> Series {
        Series { name, run: Box::new(run), times: Vec::new() }
    }

    fn row(&mut self, base: Duration) -> String {
        self.times.sort_unstable();
        let at = |percent: usize| self.times[(self.times.len() - 1) * percent / 100];
        let over = at(50).saturating_sub(base);
        format!(
            "{:44} {:>7.0} us  min {:>6.0}  p90 {:>6.0}  over fork+exec {:>6.0}",
            self.name,
            micros(at(50)),
            micros(at(0)),
            micros(at(90)),
            micros(over)
        )
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(300);
    if !privileged() {
        return;
    }
    let image: &'static Image = Box::leak(Box::new(Image::new()));
    let bin = image.lower().join("bin");
    // getpid, then exit with the negated result as code: the smallest program there is.
    std::fs::write(bin.join("tiny"), elf::call_64(12)).unwrap();
    std::fs::set_permissions(bin.join("tiny"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for name in ["dev", "proc", "sys"] {
        std::fs::create_dir(image.lower().join(name)).unwrap();
    }
    // The launcher is a fork of a process as large as a builder with work behind it.
    let heap = vec![1_u8; 40 << 20];
    std::hint::black_box(&heap);
    let mut all = series(image);
    for _ in 0..rounds {
        for series in &mut all {
            let start = Instant::now();
            (series.run)();
            series.times.push(start.elapsed());
        }
    }
    all[0].times.sort_unstable();
    let base = all[0].times[all[0].times.len() / 2];
    for series in &mut all {
        println!("{}", series.row(base));
    }
    std::fs::remove_dir_all(image.dir.path()).unwrap();
}

fn series(image: &'static Image) -> Vec<Series> {
    let launcher: &'static _ = Box::leak(Box::new(launcher()));
    let step = move |change: fn(&mut Plan)| {
        move || {
            let mut plan = image.plan_of(&["/bin/tiny"]);
            change(&mut plan);
            let running = launcher.run(plan).unwrap();
            running.wait().unwrap();
        }
    };
    // A root without an overlay of its own: what is left is the sandbox alone.
    let mounted = image.mount();
    let reused = move |change: fn(&mut Plan)| {
        let mounted = mounted.try_clone().unwrap();
        move || {
            let mut plan = image.plan_on(clone_of(&mounted), &["/bin/tiny"]);
            change(&mut plan);
            // One series fails on purpose.
            let _ = launcher.run(plan).unwrap().wait();
        }
    };
    let program = image.lower().join("bin/tiny");
    vec![
        Series::new("fork and exec", move || {
            Command::new(&program).status().unwrap();
        }),
        Series::new("step with its overlay", step(|_| {})),
        Series::new("step on a bind clone", reused(|_| {})),
        Series::new("  without seccomp", reused(|plan| plan.seccomp = Seccomp::Unconfined)),
        Series::new("  with an own network", reused(|plan| plan.network = Network::None)),
        Series::new("a launcher's start and end", || drop(support::launcher())),
        Series::new("overlay mount alone", move || drop(image.mount())),
        Series::new("a step without its command", reused(|plan| plan.args = vec!["/nope".into()])),
    ]
}

fn clone_of(mounted: &OwnedFd) -> OwnedFd {
    let root = File::from(mounted.try_clone().unwrap());
    bind(root.as_fd(), Depth::Single, Attributes::empty()).unwrap()
}
