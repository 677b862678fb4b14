//! Editors with our language server: each is started without a screen and does what a person would.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Extent, Tally};
use crate::command::{command, find, output};
use crate::console::say;
use crate::failure::{Context as _, Failure, Outcome};
use crate::node;
use crate::workspace::{self, Scratch};

/// How long an editor may take altogether, in seconds.
const PATIENCE: &str = "300";

/// Runs the script of every editor that is there; says aloud which is missing.
///
/// # Errors
/// The binary cannot be built.
pub(super) fn check(tally: &mut Tally, extent: Extent) -> Outcome {
    let program = workspace::debug_binary()?;
    let scripts = workspace::root().join("editors");
    let neovim = scripts.join("neovim/check.lua");
    let emacs = scripts.join("emacs/check.el");
    let checks = [
        ("neovim", "nvim", vec!["--headless".into(), "--clean".into(), "-c".into(), sourced(&neovim)]),
        ("emacs with eglot", "emacs", batch(&emacs, "eglot")),
        ("emacs with lsp-mode", "emacs", batch(&emacs, "lsp-mode")),
    ];
    for (name, editor, args) in checks {
        match find(editor) {
            Some(found) => drop(tally.check(name, || one(&command(found, args), &program))),
            None => missing(tally, name, &Failure::new(format!("{editor} is missing")), extent),
        }
    }
    match node::program() {
        Ok(_) => drop(tally.check("the extension for VS Code", || extension(&program, &scripts.join("vscode")))),
        Err(failure) => missing(tally, "the extension for VS Code", &failure, extent),
    }
    Ok(())
}

/// Leaves a check out; only a whole run may fail by that.
fn missing(tally: &mut Tally, name: &str, why: &Failure, extent: Extent) {
    match extent {
        Extent::Full => tally.missing(name, why),
        Extent::Everyday => tally.not_for(name, &why.to_string()),
    }
}

fn sourced(script: &Path) -> String {
    format!("luafile {}", script.display())
}

fn batch(script: &Path, client: &str) -> Vec<String> {
    ["--batch", "-l", &script.to_string_lossy(), client].map(str::to_owned).to_vec()
}

/// Runs an editor in an empty folder that is its home too.
fn one(editor: &Command, program: &Path) -> Outcome {
    let folder = Scratch::for_anybody("editor")?;
    let mut limited = command("timeout", [PATIENCE]);
    limited.arg(editor.get_program()).args(editor.get_args());
    limited.env("CONTAINR", program).env("CONTAINR_ROOT", folder.join("state"));
    limited.env("CHECK_FOLDER", folder.join("work")).env("HOME", folder.join("home"));
    for name in ["work", "home"] {
        let made = folder.join(name);
        std::fs::create_dir(&made).context(|| format!("cannot make {}", made.display()))?;
    }
    let said = output(&mut limited)?;
    said.lines().filter(|line| line.contains(": ")).for_each(say);
    Ok(())
}

/// Builds the extension in a copy of its folder and tests its client part.
fn extension(program: &Path, source: &Path) -> Outcome {
    let folder: PathBuf = workspace::kept("vscode")?;
    output(command("cp", ["-rT"]).arg(source).arg(&folder))?;
    let sample = folder.join("../sample");
    output(command("cp", ["-rT"]).arg(workspace::root().join("editors/sample")).arg(sample))?;
    node::install(&folder)?;
    for chore in ["build", "test"] {
        let said = output(command("npm", ["run", "--silent", chore]).current_dir(&folder).env("CONTAINR", program))?;
        said.lines().filter(|line| line.starts_with("vscode: ")).for_each(say);
    }
    Ok(())
}
