//! `registries.conf` version 2 (containers-registries.conf(5)): prefixes, other locations, mirrors, blocked and insecure
//! registries, short names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use containr_oci::Reference;
use serde::Deserialize;

use crate::error::RegistryError;

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct File {
    unqualified_search_registries: Option<Vec<String>>,
    registry: Vec<Registry>,
    aliases: BTreeMap<String, String>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Registry {
    prefix: String,
    location: String,
    insecure: bool,
    blocked: bool,
    mirror_by_digest_only: bool,
    mirror: Vec<Mirror>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Mirror {
    location: String,
    insecure: bool,
    pull_from_mirror: PullFrom,
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum PullFrom {
    #[default]
    All,
    DigestOnly,
    TagOnly,
}

/// Whether a server must use TLS with a valid certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    Secure,
    Insecure,
}

/// A server to ask: `HOST[:PORT]/PATH` with its security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) name: String,
    pub(crate) security: Security,
}

/// What the files say about one reference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) mirrors: Vec<Location>,
    pub(crate) origin: Location,
}

/// All files, later ones replacing registries of the same prefix.
#[derive(Default)]
pub(crate) struct RegistriesConf {
    registries: BTreeMap<String, (PathBuf, Registry)>,
    search: Vec<String>,
    aliases: BTreeMap<String, String>,
}

impl RegistriesConf {
    /// Reads the files in order; those that do not exist are passed over.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, RegistryError> {
        let mut all = Self::default();
        for path in paths {
            match std::fs::read_to_string(path) {
                Ok(text) => all.add(path, &text)?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(RegistryError::Read { path: path.clone(), source }),
            }
        }
        Ok(all)
    }

    fn add(&mut self, path: &Path, text: &str) -> Result<(), RegistryError> {
        let file: File = super::parse_toml(path, text, "not a registries.conf of version 2")?;
        if let Some(search) = file.unqualified_search_registries {
            self.search = search;
        }
        self.aliases.extend(file.aliases);
        for registry in file.registry {
            let prefix = if registry.prefix.is_empty() { &registry.location } else { &registry.prefix };
            self.registries.insert(prefix.trim_end_matches('/').to_owned(), (path.to_owned(), registry));
        }
        Ok(())
    }

    /// Returns the registries for names without one, in order; empty when no file names any.
    pub(crate) fn search(&self) -> &[String] {
        &self.search
    }

    /// Returns the full name that an alias stands for.
    pub(crate) fn alias(&self, name: &str) -> Option<&str> {
        self.aliases.get(name).map(String::as_str).filter(|full| !full.is_empty())
    }

    /// Returns where `reference` is to be looked for; `None` when no file speaks of it.
    pub(crate) fn find(&self, reference: &Reference) -> Result<Option<Found>, RegistryError> {
        let name = reference.name();
        let best = self.registries.iter().filter(|(prefix, _)| matches(prefix, &name)).max_by_key(|(p, _)| p.len());
        let Some((prefix, (path, registry))) = best else { return Ok(None) };
        if registry.blocked {
            return Err(RegistryError::Blocked { reference: reference.to_string(), path: path.clone() });
        }
        let wanted = |mirror: &&Mirror| match mirror.pull_from_mirror {
            _ if registry.mirror_by_digest_only => reference.digest().is_some(),
            PullFrom::All => true,
            PullFrom::DigestOnly => reference.digest().is_some(),
            PullFrom::TagOnly => reference.digest().is_none(),
        };
        let place = |location: &str, insecure| Location {
            name: rewrite(&name, prefix, location),
            security: if insecure { Security::Insecure } else { Security::Secure },
        };
        Ok(Some(Found {
            mirrors: registry.mirror.iter().filter(wanted).map(|m| place(&m.location, m.insecure)).collect(),
            origin: place(&registry.location, registry.insecure),
        }))
    }
}

/// Returns whether a prefix covers a name: whole components, or `*.DOMAIN` for any host below the domain.
fn matches(prefix: &str, name: &str) -> bool {
    if let Some(domain) = prefix.strip_prefix('*') {
        let host = name.split('/').next().unwrap_or(name);
        return host.rsplit_once(':').map_or(host, |(host, _)| host).ends_with(domain);
    }
    name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

fn rewrite(name: &str, prefix: &str, location: &str) -> String {
    let location = location.trim_end_matches('/');
    match name.strip_prefix(prefix) {
        Some(rest) if !location.is_empty() => format!("{location}{rest}"),
        _ if location.is_empty() => name.to_owned(),
        // A wildcard covers the host alone; the path stays.
        _ => name.split_once('/').map_or(location.to_owned(), |(_, path)| format!("{location}/{path}")),
    }
}

#[cfg(test)]
mod tests {
    use containr_testkit::damage::damaged;

    use super::*;

    fn find(text: &str, reference: &str) -> Result<Option<(Vec<String>, String)>, RegistryError> {
        let mut conf = RegistriesConf::default();
        conf.add(Path::new("registries.conf"), text)?;
        let found = conf.find(&reference.parse().unwrap())?;
        Ok(found.map(|found| (found.mirrors.into_iter().map(|m| m.name).collect(), found.origin.name)))
    }

    const MIRRORS: &str = r#"
        [[registry]]
        prefix = "docker.io"
        location = "hub.example/proxy"
        [[registry.mirror]]
        location = "near.example:5000/hub"
        [[registry.mirror]]
        location = "digests.example"
        pull-from-mirror = "digest-only"
        [[registry]]
        location = "docker.io/library/secret"
        blocked = true
        [[registry]]
        prefix = "*.corp.example"
        location = "all.example/x"
    "#;

    #[test]
    fn mirrors_keep_their_order_and_the_rest_of_the_name() {
        let expected =
            (vec!["near.example:5000/hub/library/debian".to_owned()], "hub.example/proxy/library/debian".to_owned());
        assert_eq!(find(MIRRORS, "debian:12").unwrap(), Some(expected));
    }

    #[test]
    fn a_digest_asks_the_digest_mirror_too() {
        let pinned = format!("debian@{}", containr_oci::Digest::of(b""));
        assert_eq!(find(MIRRORS, &pinned).unwrap().unwrap().0.len(), 2);
    }

    #[test]
    fn the_longest_prefix_of_whole_components_wins() {
        assert!(matches!(find(MIRRORS, "secret"), Err(RegistryError::Blocked { .. })));
        assert!(find(MIRRORS, "secrets").is_ok());
        assert_eq!(find(MIRRORS, "quay.example/a").unwrap(), None);
    }

    #[test]
    fn a_wildcard_covers_subdomains() {
        assert_eq!(find(MIRRORS, "a.corp.example:5000/team/app").unwrap().unwrap().1, "all.example/x/team/app");
        assert_eq!(find(MIRRORS, "notcorp.example/app").unwrap(), None);
    }

    #[test]
    fn damaged_files_find_a_place_or_are_refused() {
        let pieces = ["[[registry]]", "*", "", "docker.io", "/", ":", "\"\"", "prefix = ", "location = ", "\u{e4}"];
        let mut found = 0;
        for damaged in damaged(MIRRORS, &pieces).take(20_000) {
            for reference in ["debian:12", "a.corp.example:5000/team/app", "near.example/x"] {
                let place = find(&String::from_utf8_lossy(&damaged), reference);
                found += usize::from(matches!(place, Ok(Some(_))));
            }
        }
        assert!(found > 1_000, "{found}");
    }

    #[test]
    fn broken_files_are_named_with_the_line() {
        let error = find("a = 1\n[[registry]]\nblocked = 3\n", "debian").unwrap_err();
        assert_eq!(error.to_string(), "registries.conf:3: not a registries.conf of version 2");
    }
}
