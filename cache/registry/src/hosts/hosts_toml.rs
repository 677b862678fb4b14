//! containerd's `hosts.toml`: for a registry, the servers to ask in its stead, with their TLS and headers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use containr_http::{HeaderMap, HeaderName, HeaderValue, Tls, Url, Verification};
use serde::Deserialize;
use toml::Spanned;

use super::go_duration;
use super::trust::read_identity;
use crate::error::RegistryError;

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    server: Option<String>,
    host: BTreeMap<String, Spanned<Host>>,
    #[serde(flatten)]
    root: Host,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Host {
    capabilities: Option<Vec<Capability>>,
    ca: OneOrMany,
    client: Clients,
    skip_verify: bool,
    override_path: bool,
    header: BTreeMap<String, OneOrMany>,
    dial_timeout: Option<String>,
}

/// What a server may be asked for.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Capability {
    /// Content by digest.
    Pull,
    /// Turning a tag into a digest.
    Resolve,
    /// Pushing.
    Push,
    /// Referrers; asked for elsewhere.
    Referrers,
}

#[derive(Deserialize, Default, Clone)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Clients {
    #[default]
    None,
    One(String),
    Pair(Vec<OneOrMany>),
}

/// One server of a file.
#[derive(Debug)]
pub(crate) struct Server {
    /// Scheme and host, and the path to put before (or, when it says so itself, instead of) `/v2`.
    pub(crate) url: Url,
    /// Whether the path stands instead of `/v2`.
    pub(crate) path: ApiPath,
    pub(crate) capabilities: Vec<Capability>,
    pub(crate) headers: HeaderMap,
    /// Time to connect.
    pub(crate) connect_timeout: Option<Duration>,
    /// Only where the file says anything about TLS.
    pub(crate) tls: Option<Arc<Tls>>,
}

/// Where the API is below a server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApiPath {
    /// The path, then `/v2`.
    Appended,
    /// The path itself is the API's root.
    Overridden,
}

/// The servers of one file.
#[derive(Debug)]
pub(crate) struct HostsToml {
    /// In the order of the file.
    pub(crate) mirrors: Vec<Server>,
    /// What takes the registry's own place, where the file names it or says something about it.
    pub(crate) server: Option<Server>,
}

/// Reads the first file that speaks of `host` (`HOST[:PORT]`), else of `_default`.
pub(crate) fn find(directories: &[PathBuf], host: &str) -> Result<Option<HostsToml>, RegistryError> {
    let with_port = host.rsplit_once(':').map(|(name, port)| format!("{name}_{port}_"));
    let bare = host.rsplit_once(':').map(|(name, _)| name.to_owned());
    let names = [Some(host.to_owned()), with_port, bare, Some("_default".to_owned())];
    for directory in directories {
        for name in names.iter().flatten() {
            let path = directory.join(name).join("hosts.toml");
            match std::fs::read_to_string(&path) {
                Ok(text) => return parse(&path, &text, host).map(Some),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(RegistryError::Read { path, source }),
            }
        }
    }
    Ok(None)
}

fn parse(path: &Path, text: &str, host: &str) -> Result<HostsToml, RegistryError> {
    let file: File = super::parse_toml(path, text, "not a hosts.toml")?;
    let mut hosts: Vec<_> = file.host.into_iter().collect();
    hosts.sort_by_key(|(_, host)| host.span().start);
    let mirrors = hosts.into_iter().map(|(url, host)| server(path, &url, host.into_inner()));
    let mirrors = mirrors.collect::<Result<_, _>>()?;
    let own = match &file.server {
        Some(url) => Some(server(path, url, file.root)?),
        None if file.root.says_nothing() => None,
        None => Some(server(path, super::api_host(host), file.root)?),
    };
    Ok(HostsToml { mirrors, server: own })
}

fn server(path: &Path, url: &str, host: Host) -> Result<Server, RegistryError> {
    let malformed = |problem| RegistryError::Malformed { path: path.to_owned(), line: 0, problem };
    let full = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
    let url: Url = full.parse().map_err(|_| malformed("a server has no usable address"))?;
    let mut headers = HeaderMap::new();
    for (name, values) in &host.header {
        let name: HeaderName = name.parse().map_err(|_| malformed("a header has no usable name"))?;
        for value in values.as_slice() {
            let mut value = HeaderValue::from_str(value).map_err(|_| malformed("a header has no usable value"))?;
            value.set_sensitive(true);
            headers.append(name.clone(), value);
        }
    }
    let connect_timeout = host.dial_timeout.as_deref().map(|text| {
        go_duration::parse(text).ok_or_else(|| malformed("dial_timeout is no duration such as `3s` or `1m30s`"))
    });
    let all = vec![Capability::Pull, Capability::Resolve, Capability::Push];
    Ok(Server {
        url,
        path: if host.override_path { ApiPath::Overridden } else { ApiPath::Appended },
        connect_timeout: connect_timeout.transpose()?,
        tls: host.tls(path)?,
        capabilities: host.capabilities.unwrap_or(all),
        headers,
    })
}

impl OneOrMany {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Clients {
    /// Returns certificate and key of the first pair; they are the same file where one holds both.
    fn first(&self) -> Option<(String, String)> {
        match self {
            Self::None => None,
            Self::One(one) => Some((one.clone(), one.clone())),
            Self::Pair(parts) => match parts.as_slice() {
                [OneOrMany::One(certificate), OneOrMany::One(key)] => Some((certificate.clone(), key.clone())),
                [OneOrMany::Many(pair), ..] if pair.len() == 2 => Some((pair[0].clone(), pair[1].clone())),
                [OneOrMany::One(one), ..] => Some((one.clone(), one.clone())),
                _ => None,
            },
        }
    }
}

impl Host {
    fn says_nothing(&self) -> bool {
        let tls = self.skip_verify || !self.ca.as_slice().is_empty() || self.client.first().is_some();
        !tls && self.capabilities.is_none() && self.header.is_empty() && self.dial_timeout.is_none()
    }

    fn tls(&self, path: &Path) -> Result<Option<Arc<Tls>>, RegistryError> {
        let client = self.client.first();
        if !self.skip_verify && self.ca.as_slice().is_empty() && client.is_none() {
            return Ok(None);
        }
        let directory = path.parent().unwrap_or(Path::new(""));
        let read = |name: &String| {
            let path = directory.join(name);
            std::fs::read(&path).map_err(|source| RegistryError::Read { path, source })
        };
        let authorities = self.ca.as_slice().iter().map(read).collect::<Result<_, _>>()?;
        let identity = match client {
            Some((certificate, key)) => Some(read_identity(&directory.join(certificate), &directory.join(key))?),
            None => None,
        };
        let verification = if self.skip_verify { Verification::Skip } else { Verification::Full };
        Ok(Some(Arc::new(Tls { authorities, identity, verification })))
    }
}

#[cfg(test)]
mod tests {
    use containr_testkit::damage::damaged;

    use super::*;

    fn read(text: &str) -> Result<HostsToml, RegistryError> {
        parse(Path::new("hosts.toml"), text, "docker.io")
    }

    #[test]
    fn hosts_keep_the_order_of_the_file() {
        let text = r#"
            server = "https://origin.example"
            [host."https://z.example"]
            capabilities = ["pull"]
            override_path = true
            skip_verify = true
            [host."http://a.example:5000/proxy"]
            [host."http://a.example:5000/proxy".header]
            x-one = "1"
            x-two = ["1", "2"]
        "#;
        let file = read(text).unwrap();
        let hosts: Vec<&str> = file.mirrors.iter().map(|server| server.url.as_str()).collect();
        assert_eq!(hosts, ["https://z.example/", "http://a.example:5000/proxy"]);
        assert_eq!(file.mirrors[0].capabilities, [Capability::Pull]);
        assert_eq!(file.mirrors[0].path, ApiPath::Overridden);
        assert_eq!(file.mirrors[0].tls.as_ref().unwrap().verification, Verification::Skip);
        assert_eq!(file.mirrors[1].headers.get_all("x-two").iter().count(), 2);
        assert_eq!(file.server.unwrap().url.host_str(), Some("origin.example"));
    }

    #[test]
    fn root_settings_are_the_registrys_own() {
        assert!(read("").unwrap().server.is_none());
        let server = read("skip_verify = true").unwrap().server.unwrap();
        assert_eq!(server.url.host_str(), Some("registry-1.docker.io"));
    }

    #[test]
    fn the_time_to_connect_is_read() {
        let file = read("dial_timeout = \"1m\"\n[host.\"https://a.example\"]\ndial_timeout = \"300ms\"").unwrap();
        assert_eq!(file.mirrors[0].connect_timeout, Some(Duration::from_millis(300)));
        assert_eq!(file.server.unwrap().connect_timeout, Some(Duration::from_secs(60)));
        let error = read("dial_timeout = \"soon\"").unwrap_err();
        assert!(error.to_string().contains("dial_timeout is no duration"), "{error}");
    }

    #[test]
    fn damaged_files_are_read_or_refused() {
        let text = "server = \"https://o.example/v2\"\n[host.\"http://a.example:5000\"]\ncapabilities = [\"pull\"]\n\
                    dial_timeout = \"1m3s\"\noverride_path = true\n[host.\"http://a.example:5000\".header]\nx = [\"1\"]\n";
        let pieces = ["[host]", "header", "\u{b5}s", "1e400", "://", "[::1]", "-1", "[[", "\\r\\n"];
        let mut sound = 0;
        for damaged in damaged(text, &pieces).take(20_000) {
            let Ok(file) = read(&String::from_utf8_lossy(&damaged)) else { continue };
            sound += 1;
            let servers = file.mirrors.iter().chain(&file.server);
            assert!(servers.map(|one| one.connect_timeout).all(|timeout| timeout.is_none_or(|one| !one.is_zero())));
        }
        assert!(sound > 1_000, "{sound}");
    }

    #[test]
    fn a_missing_certificate_is_named() {
        let error = read(r#"ca = "/nonexistent/ca.crt""#).unwrap_err();
        assert_eq!(error.to_string(), "cannot read /nonexistent/ca.crt");
    }
}
