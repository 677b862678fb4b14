//! Checks what a machine can check of the house rules: arrows, sizes, module comments, names, unsafe code.

mod arrows;
mod functions;
mod reference;
mod sources;

use std::path::PathBuf;

use crate::command::{command, output};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace;

/// Runs every check over the files that git knows of, and fails with all findings.
pub(crate) fn run() -> Outcome {
    let files = rust_files()?;
    let mut findings = arrows::check(&metadata()?)?;
    for file in &files {
        let text = std::fs::read_to_string(workspace::root().join(file))
            .context(|| format!("cannot read {}", file.display()))?;
        findings.extend(sources::check(file, &text));
    }
    findings.extend(reference::check()?);
    for finding in &findings {
        say(finding);
    }
    match findings.len() {
        0 => {
            say(format!("tidy: {} files, nothing to find", files.len()));
            Ok(())
        }
        count => Err(Failure::new(format!("tidy found {count} things"))),
    }
}

/// Returns the tracked and the new Rust files, sorted; what is deleted in the work tree only is left out.
fn rust_files() -> Outcome<Vec<PathBuf>> {
    let mut list = command("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"]);
    let mut files: Vec<PathBuf> = output(list.current_dir(workspace::root()))?.lines().map(PathBuf::from).collect();
    files.retain(|file| workspace::root().join(file).exists());
    files.sort();
    files.dedup();
    Ok(files)
}

fn metadata() -> Outcome<serde_json::Value> {
    let mut ask = command("cargo", ["metadata", "--format-version=1", "--no-deps", "--offline"]);
    let text = output(ask.current_dir(workspace::root()))?;
    serde_json::from_str(&text).context(|| "cannot read what cargo metadata says".to_owned())
}
