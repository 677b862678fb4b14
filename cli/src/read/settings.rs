//! Finds the settings of the linter: hadolint's places, and for `containr lint` and editors the folders above a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use containr_lint::Settings;

use super::dockerfiles::{STDIN, unreadable};
use crate::failure::{Exit, Failure};

/// Why a settings file is of no use.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// It cannot be read.
    Unread(Failure),
    /// It holds no settings.
    Invalid(Failure),
}

impl From<Unusable> for Failure {
    fn from(why: Unusable) -> Self {
        match why {
            Unusable::Unread(failure) | Unusable::Invalid(failure) => failure,
        }
    }
}

/// Knows the settings of `containr lint` for each file: the environment, then the nearest settings file.
pub(crate) struct SettingsOf {
    environment: Settings,
    named: Option<Settings>,
    /// The settings of the files in a folder.
    folders: BTreeMap<PathBuf, Settings>,
}

impl SettingsOf {
    /// Begins with a settings file that holds for every Dockerfile, or with none.
    ///
    /// # Errors
    /// A named file that cannot be read or understood.
    pub(crate) fn new(named: Option<&Path>) -> Result<Self, Unusable> {
        let environment = Settings::from_environment(|name| std::env::var(name).ok());
        Ok(Self { environment, named: named.map(settings_in).transpose()?, folders: BTreeMap::new() })
    }

    /// Returns the settings for a Dockerfile, or for stdin.
    ///
    /// They are those of the nearest file beside it or above it, else those of the first in hadolint's places.
    ///
    /// # Errors
    /// A settings file that cannot be read or understood.
    pub(crate) fn file(&mut self, file: &Path) -> Result<Settings, Unusable> {
        if let Some(named) = &self.named {
            return Ok(self.environment.clone().under(named.clone()));
        }
        let folder = folder_of(file);
        if let Some(known) = self.folders.get(&folder) {
            return Ok(known.clone());
        }
        let found = nearest(&folder).or_else(|| settings_path(None)).map(|path| settings_in(&path)).transpose()?;
        let settings = self.environment.clone().under(found.unwrap_or_default());
        self.folders.insert(folder, settings.clone());
        Ok(settings)
    }
}

/// Returns the folder of a Dockerfile from the root on; that of stdin is the working directory.
fn folder_of(file: &Path) -> PathBuf {
    let beside = if file == Path::new(STDIN) { None } else { file.parent() };
    let folder = beside.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

/// Returns the settings file in a folder or in the nearest one above it that has one.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let names = [".hadolint.yaml", ".hadolint.yml"];
    folder.ancestors().flat_map(|folder| names.map(|name| folder.join(name))).find(|path| path.is_file())
}

/// Returns the settings file: the one that is named, or the first in hadolint's places.
pub(crate) fn settings_path(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| places().into_iter().find(|path| path.is_file()))
}

/// Reads a settings file.
///
/// # Errors
/// A file that cannot be read or understood.
pub(crate) fn settings_in(path: &Path) -> Result<Settings, Unusable> {
    let text = fs::read_to_string(path).map_err(|error| Unusable::Unread(unreadable(path, &error)))?;
    Settings::read(&text).map_err(|error| {
        let cause =
            std::error::Error::source(&error).map(|cause| format!("\n  caused by: {cause}")).unwrap_or_default();
        Unusable::Invalid(Failure::new(format!("{}: {error}{cause}", path.display()), Exit::Request))
    })
}

/// Returns the places where hadolint looks for settings, the strongest first.
fn places() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let xdg = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let config = xdg.or_else(|| home.as_ref().map(|home| home.join(".config")));
    let both = |folder: Option<PathBuf>, name: &str| {
        let ends = ["yaml", "yml"].map(|end| format!("{name}.{end}"));
        folder.into_iter().flat_map(move |folder| ends.clone().map(|name| folder.join(name)))
    };
    let own = home.as_ref().map(|home| home.join(".hadolint"));
    let mut all: Vec<PathBuf> = both(Some(PathBuf::new()), ".hadolint").collect();
    all.extend(both(config, "hadolint"));
    all.extend(both(own.clone(), "hadolint"));
    all.extend(both(own, "config"));
    all.extend(both(home, ".hadolint"));
    all
}
