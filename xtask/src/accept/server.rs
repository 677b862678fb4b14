//! Our language server beside the one on node: what each answers about the same places of real files.

use super::Tally;
use super::lint;
use crate::command::{command, output};
use crate::console::say;
use crate::failure::Outcome;
use crate::{node, workspace};

/// Compares the answers and holds the kinds of differences against those that are known.
///
/// # Errors
/// The binary cannot be built.
pub(super) fn check(tally: &mut Tally) -> Outcome {
    let name = "answers beside the language server on node";
    let (theirs, files) = match node::language_server().and_then(|theirs| Ok((theirs, lint::files()?))) {
        Ok(found) => found,
        Err(failure) => {
            tally.missing(name, &failure);
            return Ok(());
        }
    };
    let ours = format!("{} lsp", workspace::debug_binary()?.display());
    let script = workspace::root().join("testdata/lsp/compare.py");
    tally.check(name, || {
        let mut call = command("python3", [script.as_path()]);
        call.args(["--ours", &ours, "--theirs", &theirs, "--files"]).arg(files);
        output(&mut call).map(|table| say(table.trim_end()))
    });
    Ok(())
}
