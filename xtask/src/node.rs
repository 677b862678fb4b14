//! Programs that run on node: whether it is there, packages at pinned versions, the language server of others.

use std::path::{Path, PathBuf};

use crate::command::{command, find, output};
use crate::failure::{Context as _, Outcome};
use crate::workspace;

/// Returns where node is; its package manager is there, too.
///
/// # Errors
/// One of them is missing.
pub(crate) fn program() -> Outcome<PathBuf> {
    find("npm").context(|| "npm is missing".to_owned())?;
    find("node").context(|| "node is missing".to_owned())
}

/// Installs exactly what the lock in a folder names.
///
/// # Errors
/// The packages cannot be had.
pub(crate) fn install(folder: &Path) -> Outcome {
    output(command("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder)).map(drop)
}

/// Returns the command line of the language server that ours is held beside, installed in a folder of its own.
///
/// # Errors
/// node is missing, or the packages cannot be had.
pub(crate) fn language_server() -> Outcome<String> {
    let node = program()?;
    let folder = workspace::kept("language-server")?;
    for name in ["package.json", "package-lock.json"] {
        let source = workspace::root().join("testdata/lsp").join(name);
        std::fs::copy(&source, folder.join(name)).context(|| format!("cannot copy {}", source.display()))?;
    }
    install(&folder)?;
    let server = folder.join("node_modules/dockerfile-language-server-nodejs/bin/docker-langserver");
    Ok(format!("{} {} --stdio", node.display(), server.display()))
}
