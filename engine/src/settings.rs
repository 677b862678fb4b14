//! What the caller has read of its surroundings: the engine itself reads no clock, environment or working directory.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything the engine takes from outside, as values.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Directory of all state.
    pub root: PathBuf,
    /// The user's home, for credentials.
    pub home: Option<PathBuf>,
    /// The environment, for credentials, proxies and `--build-arg NAME`.
    pub environment: BTreeMap<String, String>,
    /// The working directory, to which relative paths of the request belong.
    pub directory: PathBuf,
    /// Returns the seconds since 1970.
    pub clock: fn() -> i64,
    /// The time of the start; files that were changed later are not remembered as unchanged.
    pub now: std::time::SystemTime,
    /// Identity of this boot of the machine: results of another boot that were not synced are not trusted.
    pub boot_id: String,
    /// Effective user id.
    pub uid: u32,
    /// Threads for parallel work.
    pub threads: usize,
}

impl Settings {
    /// Returns a path of the request as an absolute one.
    pub fn absolute(&self, path: &std::path::Path) -> PathBuf {
        self.directory.join(path)
    }

    /// Returns a variable of the environment that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
