//! Looks for what a program may leave behind: processes, mounts, control groups, half-made files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// What the machine held of a program and its state at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Traces(BTreeSet<String>);

impl Traces {
    /// Looks at the machine now.
    pub(super) fn of(program: &Path, root: &Path) -> Self {
        let mut found = BTreeSet::new();
        found.extend(processes(program, root));
        found.extend(mounts(root));
        found.extend(control_groups(Path::new("/sys/fs/cgroup"), 0));
        Self(found)
    }

    /// Checks that nothing is there that was not there before.
    ///
    /// # Errors
    /// Names what is new.
    pub(super) fn unchanged_since(&self, before: &Self) -> Outcome {
        let new: Vec<&str> = self.0.difference(&before.0).map(String::as_str).collect();
        if new.is_empty() { Ok(()) } else { Err(Failure::new(format!("left behind: {}", new.join(", ")))) }
    }
}

/// Returns the processes that run the program, or have their root or working directory in its state.
fn processes(program: &Path, root: &Path) -> Vec<String> {
    let of_state =
        |process: &Path, name: &str| std::fs::read_link(process.join(name)).is_ok_and(|to| to.starts_with(root));
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter(|entry| entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit));
    let ours = ids.map(|entry| entry.path()).filter(|process| {
        std::fs::read_link(process.join("exe")).is_ok_and(|exe| exe == program)
            || ["cwd", "root", "exe"].iter().any(|name| of_state(process, name))
    });
    ours.map(|process| format!("process {}", process.file_name().unwrap_or_default().to_string_lossy())).collect()
}

/// Returns the mounts of this mount namespace that are made of the state or lie below it, or carry our name; other programs mount too.
fn mounts(root: &Path) -> Vec<String> {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let state = root.to_string_lossy();
    let ours = table.lines().filter(|line| line.contains(&*state) || line.contains("/containr"));
    ours.filter_map(|line| line.split(' ').nth(4)).map(|point| format!("mount {point}")).collect()
}

/// Returns the control groups that carry our name.
fn control_groups(folder: &Path, depth: usize) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders: Vec<PathBuf> =
        entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect();
    let mut found = Vec::new();
    for folder in folders {
        if folder.file_name().is_some_and(|name| name.to_string_lossy().contains("containr")) {
            found.push(format!("control group {}", folder.display()));
        }
        if depth < 4 {
            found.extend(control_groups(&folder, depth + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Background, command};
    use crate::workspace::Scratch;

    #[test]
    fn a_process_in_the_state_is_seen_until_it_ends() {
        let state = Scratch::new("leaks").unwrap();
        let program = Path::new("/nowhere/program");
        let before = Traces::of(program, state.path());
        let running = Background::start(command("sleep", ["600"]).current_dir(state.path())).unwrap();
        let processes = |traces: &Traces| traces.0.iter().filter(|trace| trace.starts_with("process")).count();
        assert_eq!(processes(&Traces::of(program, state.path())), processes(&before) + 1);
        drop(running);
        assert_eq!(processes(&Traces::of(program, state.path())), processes(&before));
    }
}
