//! What the caller found in its surroundings; nothing here is read from the environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use containr_http::{Pace, Proxies, Roots, SystemPace};

use crate::auth::credential::Credential;
use crate::auth::helper::Helpers;

/// Everything that [`crate::Registries`] depends on.
#[derive(Clone)]
pub struct Settings {
    /// Value of the header `User-Agent`.
    pub user_agent: String,
    /// Proxies, as the well-known variables say.
    pub proxies: Proxies,
    /// Ordinary certificate authorities.
    pub roots: Roots,
    /// Credentials given for this run by registry host; they come before every file.
    pub credentials: BTreeMap<String, Credential>,
    /// Credential files of docker and podman, in the order in which they are asked; missing ones are passed over.
    pub credential_files: Vec<PathBuf>,
    /// How credential helpers are run.
    pub helpers: Helpers,
    /// `registries.conf` files, later ones winning; missing ones are passed over.
    pub registries_conf: Vec<PathBuf>,
    /// Directories with `HOST/hosts.toml` (containerd).
    pub hosts_toml: Vec<PathBuf>,
    /// Directories with `HOST:PORT/{*.crt,NAME.cert,NAME.key}` (docker, containers).
    pub certificates: Vec<PathBuf>,
    /// Hosts, with or without port, that need no valid certificate and may speak plain http; loopback never needs any.
    pub insecure: Vec<String>,
    /// Tries of one request or of one blob without progress in between.
    pub tries: u32,
    /// A connection without a byte for so long counts as cut.
    pub idle_timeout: Duration,
    /// Longest wait that `Retry-After` can ask for.
    pub retry_after_most: Duration,
    /// Bytes of one PATCH; 0 sends each blob in one piece as long as nothing is cut.
    pub chunk_bytes: u64,
    /// Clock, waiting and chance.
    pub pace: Arc<dyn Pace>,
}

impl Settings {
    /// Returns settings that find no files and know no credentials.
    pub fn new(user_agent: &str) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            proxies: Proxies::default(),
            roots: Roots::System,
            credentials: BTreeMap::new(),
            credential_files: Vec::new(),
            helpers: Helpers::default(),
            registries_conf: Vec::new(),
            hosts_toml: Vec::new(),
            certificates: Vec::new(),
            insecure: Vec::new(),
            tries: 6,
            idle_timeout: Duration::from_secs(30),
            retry_after_most: Duration::from_secs(120),
            chunk_bytes: 0,
            pace: Arc::new(SystemPace),
        }
    }
}
