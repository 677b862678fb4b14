//! The language server beside the one on node, as an editor waits for them.

use crate::command::{command, output, run};
use crate::failure::Outcome;
use crate::{node, setup, workspace};

/// Measures both and writes their section of `docs/benchmarks.md`.
///
/// # Errors
/// node or the binary is missing, or a server does not answer.
pub(super) fn measure() -> Outcome {
    setup::install(setup::TEST)?;
    let theirs = node::language_server()?;
    let ours = format!("{} lsp", workspace::release_binary()?.display());
    let version = output(&mut command("node", ["--version"]))?;
    let commit = output(command("git", ["rev-parse", "--short", "HEAD"]).current_dir(workspace::root()))?;
    let note = format!("Commit {}, release build; node {}.", commit.trim(), version.trim());
    let mut call = command("python3", [workspace::root().join("testdata/lsp/figures.py")]);
    call.arg("--page").arg(workspace::root().join("docs/benchmarks.md")).args(["--note", &note]);
    call.arg("--server").arg(format!("containr={ours}"));
    run(call.arg("--server").arg(format!("dockerfile-language-server-nodejs 0.15.0={theirs}")))
}
