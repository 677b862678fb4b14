//! The language gates: BuildKit's own parser results, and the row tables that the rooms' tests read.

use std::path::{Path, PathBuf};

use crate::command::{command, output, run};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace;

/// Compares our tree of every Dockerfile of BuildKit's parser tests with the result stored beside it, then runs the rooms' row tests.
///
/// # Errors
/// A tree differs, a broken file is accepted, or the files are not there.
pub(super) fn check(folder: &Path) -> Outcome {
    let program = workspace::release_binary()?;
    let good = folders(&folder.join("buildkit-parser/testfiles"))?;
    let bad = folders(&folder.join("buildkit-parser/testfiles-negative"))?;
    let mut wrong: Vec<String> =
        good.iter().filter_map(|case| same(&program, case).err()).map(|failure| failure.to_string()).collect();
    let accepted = bad.iter().filter(|case| tree(&program, case).is_ok());
    wrong.extend(accepted.map(|case| format!("{} has a tree", case.display())));
    if !wrong.is_empty() {
        return Err(Failure::new(wrong.join("\n")));
    }
    say(format!("language: {} trees equal, {} files refused", good.len(), bad.len()));
    let mut tests = command("cargo", ["test", "--quiet", "--locked", "-p", "containr-dockerfile"]);
    run(tests.current_dir(workspace::root()).env("CONTAINR_CONFORMANCE", folder))
}

/// Returns the folder of the cases that this project did not write.
pub(super) fn conformance() -> Outcome<PathBuf> {
    let default = workspace::root().join("../shared/conformance");
    let folder = std::env::var_os("CONTAINR_CONFORMANCE").map_or(default, PathBuf::from);
    let folder = folder
        .canonicalize()
        .context(|| "the conformance files are missing (CONTAINR_CONFORMANCE names their folder)".to_owned())?;
    Ok(folder)
}

fn same(program: &Path, case: &Path) -> Outcome {
    let expected = case.join("result");
    let expected = std::fs::read_to_string(&expected).context(|| format!("cannot read {}", expected.display()))?;
    match tree(program, case)? == expected {
        true => Ok(()),
        false => Err(Failure::new(format!("{}: the tree differs", case.display()))),
    }
}

fn tree(program: &Path, case: &Path) -> Outcome<String> {
    output(command(program, ["debug", "ast", "--format", "buildkit"]).arg(case.join("Dockerfile")))
}

fn folders(parent: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(parent).context(|| format!("cannot list {}", parent.display()))?;
    let mut found: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("Dockerfile").exists()).collect();
    found.sort();
    if found.is_empty() { Err(Failure::new(format!("{} has no cases", parent.display()))) } else { Ok(found) }
}
