//! A small test harness whose cases run in a process of their own, on its main and only thread.
//!
//! The standard one has a second thread, with which no user namespace can be entered.

/// Says which case this process is to run.
const CASE: &str = "CONTAINR_TEST_CASE";

/// A test: a name, and what runs it.
pub(crate) struct Test {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&'static str),
}

/// Runs the case that this process was started for, or else the tests that the arguments name, or all.
#[expect(clippy::print_stdout, reason = "a harness tells what it ran")]
pub(crate) fn main(tests: &[Test], case: fn(&str)) {
    if let Ok(name) = std::env::var(CASE) {
        return case(&name);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |test: &&Test| filters.is_empty() || filters.iter().any(|filter| test.name.contains(filter.as_str()));
    for test in tests.iter().filter(wanted) {
        if arguments.iter().any(|argument| argument == "--list") {
            println!("{}: test", test.name);
        } else if super::privileged() {
            (test.run)(test.name);
            println!("test {} ... ok", test.name);
        }
    }
}

/// Returns this program, to be started for a case.
pub(crate) fn command(program: &std::path::Path, case: &str) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    command.env(CASE, case);
    command
}
