//! Where an image is to be looked for: the servers to ask, in order, and how to speak with each.

mod go_duration;
mod hosts_toml;
mod registries_conf;
mod trust;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use containr_http::{Fallback, HeaderMap, Tls, Url, authority};
use containr_oci::{DEFAULT_REGISTRY, Reference};
use serde::de::DeserializeOwned;

use crate::error::RegistryError;
use hosts_toml::{ApiPath, Capability, Server};
use registries_conf::{Location, Security};

pub(crate) use registries_conf::RegistriesConf;
pub(crate) use trust::HostTrust;

/// What is to be done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A tag is to become a digest.
    Resolve,
    /// Content is asked for by digest.
    Pull,
    /// Something is to be stored; mirrors are never asked.
    Push,
}

/// One server, with one repository of it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Root of the API with a slash at the end, `https://HOST/v2/` as a rule.
    pub(crate) base: Url,
    pub(crate) repository: String,
    pub(crate) fallback: Fallback,
    /// Settings that differ from those of the host.
    pub(crate) tls: Option<Arc<Tls>>,
    /// Time to connect, where the configuration says one.
    pub(crate) connect_timeout: Option<Duration>,
    /// Further headers of each request.
    pub(crate) headers: HeaderMap,
    /// The registry that a containerd mirror stands in for (`?ns=`).
    pub(crate) namespace: Option<String>,
    /// The host under which credentials are kept.
    pub(crate) account: String,
}

/// The configuration that decides about servers.
pub(crate) struct Hosts {
    pub(crate) conf: RegistriesConf,
    pub(crate) toml_directories: Vec<PathBuf>,
    pub(crate) trust: Arc<HostTrust>,
}

impl Hosts {
    /// Returns the servers to ask about `reference`, mirrors first, the registry itself last.
    pub(crate) fn endpoints(&self, reference: &Reference, purpose: Purpose) -> Result<Vec<Endpoint>, RegistryError> {
        let own = Location { name: reference.name(), security: Security::Secure };
        let (mut mirrors, origin) = match self.conf.find(reference)? {
            Some(found) => (found.mirrors, found.origin),
            None => (Vec::new(), own),
        };
        if purpose == Purpose::Push {
            mirrors.clear();
        }
        let mut all: Vec<Endpoint> = Vec::new();
        for mirror in &mirrors {
            all.push(self.at(mirror)?);
        }
        self.with_toml(&origin, purpose, &mut all)?;
        Ok(all)
    }

    /// Adds what `hosts.toml` says about the registry, or the registry as it is.
    fn with_toml(&self, origin: &Location, purpose: Purpose, all: &mut Vec<Endpoint>) -> Result<(), RegistryError> {
        let (host, repository) = split(&origin.name);
        let Some(file) = hosts_toml::find(&self.toml_directories, host)? else {
            all.push(self.at(origin)?);
            return Ok(());
        };
        let needed = match purpose {
            Purpose::Resolve => Capability::Resolve,
            Purpose::Pull => Capability::Pull,
            Purpose::Push => Capability::Push,
        };
        let able = |server: &&Server| server.capabilities.contains(&needed);
        for server in file.mirrors.iter().filter(able) {
            all.push(self.server(server, host, repository));
        }
        match &file.server {
            Some(server) => all.push(self.server(server, host, repository)),
            None => all.push(self.at(origin)?),
        }
        Ok(())
    }

    fn at(&self, location: &Location) -> Result<Endpoint, RegistryError> {
        let (host, repository) = split(&location.name);
        let insecure = location.security == Security::Insecure;
        let problem = "the name has no usable host";
        let malformed = || RegistryError::Protocol { host: host.to_owned(), problem };
        let base: Url = format!("https://{}/v2/", api_host(host)).parse().map_err(|_| malformed())?;
        Ok(Endpoint {
            fallback: self.fallback(&authority(&base), insecure),
            base,
            repository: repository.to_owned(),
            tls: insecure.then(|| self.trust.unchecked()),
            connect_timeout: None,
            headers: HeaderMap::new(),
            namespace: None,
            account: host.to_owned(),
        })
    }

    fn server(&self, server: &Server, host: &str, repository: &str) -> Endpoint {
        let mut base = server.url.clone();
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&match server.path {
            ApiPath::Appended if path.ends_with("/v2") => format!("{path}/"),
            ApiPath::Appended => format!("{path}/v2/"),
            ApiPath::Overridden => format!("{path}/"),
        });
        let name = authority(&base);
        let is_own = name == api_host(host);
        Endpoint {
            fallback: self.fallback(&name, false),
            base,
            repository: repository.to_owned(),
            tls: server.tls.clone(),
            connect_timeout: server.connect_timeout,
            headers: server.headers.clone(),
            namespace: (!is_own).then(|| host.to_owned()),
            account: if is_own { host.to_owned() } else { name },
        }
    }

    fn fallback(&self, authority: &str, insecure: bool) -> Fallback {
        if insecure || self.trust.is_insecure(authority) { Fallback::PlainHttp } else { Fallback::Never }
    }
}

impl Endpoint {
    /// Returns host and port, for messages and caches.
    pub(crate) fn authority(&self) -> String {
        authority(&self.base)
    }

    /// Returns the address of `rest` in the repository, for example `manifests/latest`.
    pub(crate) fn url(&self, rest: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}/{rest}", self.base.path(), self.repository));
        if let Some(namespace) = &self.namespace {
            url.query_pairs_mut().append_pair("ns", namespace);
        }
        url
    }
}

/// Returns the host that serves a registry's API; it differs for Docker Hub alone.
pub(crate) fn api_host(host: &str) -> &str {
    if host == DEFAULT_REGISTRY { "registry-1.docker.io" } else { host }
}

fn split(name: &str) -> (&str, &str) {
    name.split_once('/').unwrap_or((name, ""))
}

/// Parses a configuration file, turning the parser's message into a line number.
fn parse_toml<T: DeserializeOwned>(path: &Path, text: &str, problem: &'static str) -> Result<T, RegistryError> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..before].iter().filter(|byte| **byte == b'\n').count() + 1;
        RegistryError::Malformed { path: path.to_owned(), line, problem }
    })
}
