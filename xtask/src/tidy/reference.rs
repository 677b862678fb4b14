//! Holds `docs/reference` against what the binary says of itself.

use std::path::Path;

use crate::command::{command, output};
use crate::console::say;
use crate::failure::{Context as _, Outcome};
use crate::workspace;

/// Where the generated pages lie, one a subcommand.
const FOLDER: &str = "docs/reference";

/// Returns a finding for each page that differs from the binary's own help; without pages there is nothing to compare.
pub(super) fn check() -> Outcome<Vec<String>> {
    let folder = workspace::root().join(FOLDER);
    if !folder.is_dir() {
        say(format!("tidy: skipped: {FOLDER} does not exist yet"));
        return Ok(Vec::new());
    }
    let fresh = workspace::Scratch::new("reference")?;
    generate(fresh.path())?;
    compare(fresh.path(), &folder)
}

/// Writes the pages anew.
fn generate(into: &Path) -> Outcome {
    let binary = workspace::debug_binary()?;
    output(command(binary, ["debug", "reference"]).arg(into)).map(drop)
}

fn compare(fresh: &Path, stored: &Path) -> Outcome<Vec<String>> {
    let mut findings = Vec::new();
    let (new, old) = (names(fresh)?, names(stored)?);
    for name in old.iter().filter(|name| !new.contains(name)) {
        findings.push(format!("{FOLDER}/{name}: no command has this page any more"));
    }
    for name in new {
        let read = |folder: &Path| std::fs::read(folder.join(&name)).ok();
        if read(fresh) != read(stored) {
            findings.push(format!("{FOLDER}/{name} is not current: run `containr debug reference {FOLDER}`"));
        }
    }
    Ok(findings)
}

fn names(folder: &Path) -> Outcome<Vec<String>> {
    let entries = std::fs::read_dir(folder).context(|| format!("cannot list {}", folder.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_stale_missing_and_left_over_pages() {
        let (fresh, stored) = (workspace::Scratch::new("fresh").unwrap(), workspace::Scratch::new("stored").unwrap());
        std::fs::write(fresh.path().join("build.md"), "new").unwrap();
        std::fs::write(fresh.path().join("run.md"), "same").unwrap();
        std::fs::write(stored.path().join("build.md"), "old").unwrap();
        std::fs::write(stored.path().join("run.md"), "same").unwrap();
        std::fs::write(stored.path().join("gone.md"), "").unwrap();
        let found = compare(fresh.path(), stored.path()).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("gone.md") && found[1].contains("build.md is not current"));
    }
}
