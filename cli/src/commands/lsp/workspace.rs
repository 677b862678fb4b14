//! The files of an editor's workspace.

use std::path::{Path, PathBuf};

use containr_lint::{Config, Dialect};
use containr_lsp::ports::Workspace;

use crate::read::dockerfiles::{find, settings_in, settings_path};

/// Reads the file system.
pub(super) struct Files;

/// The names of the linter's settings beside a Dockerfile or above it.
const NAMES: [&str; 2] = [".hadolint.yaml", ".hadolint.yml"];

/// Longest file that is read as a Dockerfile; one that is longer was not written by people.
const MAX_BYTES: u64 = 8 << 20;

impl Workspace for Files {
    fn dockerfiles(&self, folder: &Path) -> Vec<PathBuf> {
        find(&[folder.to_owned()]).unwrap_or_default()
    }

    fn read(&self, file: &Path) -> Option<String> {
        let size = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file)?.len();
        let bytes = (size <= MAX_BYTES).then(|| std::fs::read(file).ok())??;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The nearest settings at or above the file hold, else those that hold for all files of the user.
    ///
    /// Settings that cannot be read hold nothing: an editor must not fall silent because of them.
    fn lint(&self, file: &Path) -> Config {
        let folders = file.ancestors().skip(1);
        let near = folders.flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|path| path.is_file());
        // An editor is not told of settings that cannot be read: the lint goes on without them.
        let settings = settings_path(near.as_deref()).and_then(|path| settings_in(&path).ok());
        settings.unwrap_or_default().config(Dialect::Containr)
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}
