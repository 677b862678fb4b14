//! Sets up the registry client from the user's surroundings; the first use does it, so that a build without network pays nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use containr_http::Proxies;
use containr_registry::{Helpers, Registries, Settings as ClientSettings};

use crate::error::Context as _;
use crate::settings::Settings;
use crate::{Engine, EngineError};

impl Engine {
    /// Returns the registry client.
    pub(crate) fn registries(&self) -> Result<&Registries, EngineError> {
        if self.registries.get().is_none() {
            let client = open(client_settings(&self.settings))?;
            // Another thread may have been first; its client serves as well.
            let _ = self.registries.set(client);
        }
        Ok(self.registries.get().expect("set above"))
    }
}

/// Returns a client with these settings; it opens no connection.
pub(crate) fn open(settings: ClientSettings) -> Result<Registries, EngineError> {
    containr_sys::names::keep_to_builtin();
    Registries::new(settings).context(|| "cannot set up the registry client".to_owned())
}

pub(crate) fn client_settings(settings: &Settings) -> ClientSettings {
    let mut client = ClientSettings::new(concat!("containr/", env!("CARGO_PKG_VERSION")));
    client.proxies = proxies(settings);
    client.credential_files = credential_files(settings);
    client.helpers = Helpers {
        directories: settings.variable("PATH").unwrap_or_default().split(':').map(PathBuf::from).collect(),
        environment: settings
            .environment
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect(),
    };
    let config = config_directory(settings);
    client.registries_conf = vec![PathBuf::from("/etc/containers/registries.conf")];
    client.registries_conf.extend(config.as_ref().map(|config| config.join("containers/registries.conf")));
    if let Some(file) = settings.variable("CONTAINERS_REGISTRIES_CONF") {
        client.registries_conf = vec![PathBuf::from(file)];
    }
    client.hosts_toml = vec![PathBuf::from("/etc/containerd/certs.d")];
    client.certificates = vec![PathBuf::from("/etc/docker/certs.d"), PathBuf::from("/etc/containers/certs.d")];
    client.certificates.extend(config.map(|config| config.join("containers/certs.d")));
    client
}

/// Returns the credential files in podman's order, then docker's.
fn credential_files(settings: &Settings) -> Vec<PathBuf> {
    let mut files = Vec::new();
    files.extend(settings.variable("REGISTRY_AUTH_FILE").map(PathBuf::from));
    files.extend(settings.variable("XDG_RUNTIME_DIR").map(|dir| Path::new(dir).join("containers/auth.json")));
    files.extend(config_directory(settings).map(|dir| dir.join("containers/auth.json")));
    match (settings.variable("DOCKER_CONFIG"), &settings.home) {
        (Some(dir), _) => files.push(Path::new(dir).join("config.json")),
        (None, Some(home)) => files.push(home.join(".docker/config.json")),
        (None, None) => {}
    }
    files
}

fn config_directory(settings: &Settings) -> Option<PathBuf> {
    let own = settings.variable("XDG_CONFIG_HOME").map(PathBuf::from);
    own.or_else(|| Some(settings.home.as_ref()?.join(".config")))
}

fn proxies(settings: &Settings) -> Proxies {
    let variable =
        |upper: &str, lower: &str| settings.variable(lower).or_else(|| settings.variable(upper)).map(str::to_owned);
    let all = variable("ALL_PROXY", "all_proxy");
    Proxies {
        http: variable("HTTP_PROXY", "http_proxy").or_else(|| all.clone()),
        https: variable("HTTPS_PROXY", "https_proxy").or(all),
        no_proxy: variable("NO_PROXY", "no_proxy"),
    }
}
