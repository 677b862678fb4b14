//! Starts other programs and turns how they end into outcomes.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::failure::{Context as _, Failure, Outcome};

/// How many lines of a failed program's output are shown.
const LINES_SHOWN: usize = 15;

/// Makes a command of a program and its arguments.
pub(crate) fn command<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs a command whose output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().context(|| format!("cannot start `{}`", shown(command)))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` ended with {status}", shown(command)))) }
}

/// Runs a command in silence and returns its standard output; a failure carries the end of what it said.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let result = command.output().context(|| format!("cannot start `{}`", shown(command)))?;
    if result.status.success() {
        return Ok(String::from_utf8_lossy(&result.stdout).into_owned());
    }
    let said = [&result.stdout[..], &result.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    Err(Failure::new(format!("`{}` ended with {}\n{}", shown(command), result.status, last_lines(&said))))
}

/// Returns where a program is, looked for in `PATH` and in the directories of system programs.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|folder| folder.join(program)).find(|file| is_program(file))
}

/// Owns a program in the background and ends it when dropped.
pub(crate) struct Background(Child);

impl Background {
    /// Starts a command and keeps it.
    pub(crate) fn start(command: &mut Command) -> Outcome<Self> {
        command.spawn().map(Self).context(|| format!("cannot start `{}`", shown(command)))
    }

    /// Returns whether the program still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let id = rustix::process::Pid::from_child(&self.0);
        if !self.is_running() || rustix::process::kill_process(id, rustix::process::Signal::TERM).is_err() {
            return;
        }
        for _ in 0..100 {
            if !self.is_running() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        // Nothing more can be done about a program that cannot even be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the command line as a person would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_the_end_of_the_output() {
        let failure = output(&mut command("sh", ["-c", "seq 40; exit 3"])).unwrap_err().to_string();
        assert!(failure.contains("exit status: 3") && failure.ends_with("\n40") && !failure.contains("\n20\n"));
    }

    #[test]
    fn a_background_program_ends_with_its_guard() {
        let guard = Background::start(&mut command("sleep", ["600"])).unwrap();
        let id = guard.0.id();
        drop(guard);
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }
}
