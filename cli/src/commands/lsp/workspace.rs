//! The files of an editor's workspace.

use std::path::{Path, PathBuf};

use containr_lint::{Config, Dialect};
use containr_lsp::ports::Workspace;

use crate::read::dockerfiles::find;
use crate::read::settings::SettingsOf;
use crate::read::world::World;

/// Reads the file system.
pub(super) struct Files;

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

    /// Settings and ignore rules that cannot be read hold nothing: an editor must not fall silent because of them.
    fn lint(&self, file: &Path) -> Config {
        let settings = SettingsOf::new(None).and_then(|mut settings| settings.file(file)).unwrap_or_default();
        let surroundings = World::offline().around(file, &[]).unwrap_or_default();
        Config { surroundings, ..settings.config(Dialect::Containr) }
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}
