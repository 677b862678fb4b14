//! Everything that must hold before a change lands: format, lints, rules, unit tests, and real images.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::accept::{self, Selection};
use crate::command::{command, find, run};
use crate::console::{heading, say};
use crate::failure::{Context as _, Failure, Outcome};
use crate::{setup, tidy, workspace};

/// Tests counted from a runner's own lines.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// Runs everything; the last line counts it all.
///
/// # Errors
/// Something does not hold; what comes after it is still run where it can be.
pub(crate) fn everything() -> Outcome {
    setup::everything()?;
    let mut broken = Vec::new();
    let mut note = |part: &str, result: Outcome| {
        if let Err(failure) = result {
            say(format!("FAILED  {part}: {failure}"));
            broken.push(part.to_owned());
        }
    };
    heading("format");
    note("format", cargo(&["fmt", "--all", "--check"]));
    heading("lints");
    note("lints", cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]));
    heading("house rules");
    note("house rules", tidy::run());
    heading("tests");
    let mut counts = Counts::default();
    note("tests", unit_tests(&mut counts));
    heading("real images");
    let tally = Selection::parse(&["--everyday"]).and_then(|selection| accept::run(&selection));
    match tally {
        Ok(tally) => {
            counts.add(&Counts { passed: tally.passed, failed: tally.failed, skipped: tally.skipped });
            note(
                "real images",
                if tally.failed == 0 { Ok(()) } else { Err(Failure::new(format!("{} checks failed", tally.failed))) },
            );
        }
        Err(failure) => note("real images", Err(failure)),
    }
    counts.failed = counts.failed.max(broken.len());
    say(format!("\ntest: {} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped));
    if broken.is_empty() { Ok(()) } else { Err(Failure::new(format!("does not hold: {}", broken.join(", ")))) }
}

fn cargo(args: &[&str]) -> Outcome {
    run(command("cargo", args).current_dir(workspace::root()))
}

/// Runs the workspace's tests with nextest where it is, and the examples in doc comments with cargo.
fn unit_tests(counts: &mut Counts) -> Outcome {
    if find("cargo-nextest").is_none() {
        return counted(&["test", "--workspace", "--locked", "--no-fail-fast"], counts);
    }
    let tests = counted(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast"], counts);
    tests.and(counted(&["test", "--workspace", "--locked", "--doc"], counts))
}

/// Passes a runner's lines on and counts its summaries.
fn counted(args: &[&str], counts: &mut Counts) -> Outcome {
    // nextest reports on standard error, cargo test on standard output: both go through one pipe.
    let script = "exec \"$@\" 2>&1";
    let mut runner = Command::new("sh");
    runner.args(["-c", script, "sh", "cargo"]).args(args).current_dir(workspace::root());
    let mut child =
        runner.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context(|| "cannot start cargo".to_owned())?;
    for line in BufReader::new(child.stdout.take().expect("it was asked for")).lines() {
        let line = line.context(|| "cannot read the runner's output".to_owned())?;
        counts.add(&summary(&line));
        say(line);
    }
    let status = child.wait().context(|| "cannot wait for cargo".to_owned())?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`cargo {}` ended with {status}", args.join(" ")))) }
}

impl Counts {
    fn add(&mut self, more: &Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

/// Returns the counts of a summary line of cargo test or nextest; any other line counts nothing.
fn summary(line: &str) -> Counts {
    let line = line.trim_start();
    if !line.starts_with("test result:") && !line.starts_with("Summary [") {
        return Counts::default();
    }
    let words: Vec<&str> = line.split([' ', ';', ',']).filter(|word| !word.is_empty()).collect();
    let before = |name: &str| {
        let found = words.windows(2).find(|pair| pair[1] == name);
        found.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
    };
    Counts { passed: before("passed"), failed: before("failed"), skipped: before("ignored") + before("skipped") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_of_cargo_test() {
        let line = "test result: FAILED. 18 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.11s";
        assert_eq!(summary(line), Counts { passed: 18, failed: 2, skipped: 1 });
    }

    #[test]
    fn a_summary_of_nextest() {
        let line = "     Summary [   1.204s] 812 tests run: 810 passed (1 slow), 2 failed, 4 skipped";
        assert_eq!(summary(line), Counts { passed: 810, failed: 2, skipped: 4 });
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(summary("test a::b ... ok"), Counts::default());
    }
}
