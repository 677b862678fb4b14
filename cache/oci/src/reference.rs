//! Image references: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]` with docker's short names.

use std::fmt;
use std::str::FromStr;

use crate::Digest;

/// The registry that names without a host mean.
pub const DEFAULT_REGISTRY: &str = "docker.io";

/// A parsed and completed reference: `debian` is `docker.io/library/debian` with the tag `latest`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing was given.
    #[error("image reference is empty")]
    Empty,
    /// Repository names are lower case; the field is the whole text.
    #[error("image reference `{0}` has upper-case letters in its repository name")]
    UpperCase(String),
    /// A part has a wrong shape; the second field says which.
    #[error("image reference `{0}` has an invalid {1}")]
    Invalid(String, &'static str),
}

impl Reference {
    /// Returns the host and port, for example `docker.io` or `localhost:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Returns the repository path, for example `library/debian`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the tag; a reference with neither tag nor digest was given `latest`.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the digest that the reference pins.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Returns `HOST/PATH` without tag and digest.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// Returns the reference in the short form that people type: without `docker.io/` and `library/`.
    pub fn familiar(&self) -> String {
        let text = self.to_string();
        match text.strip_prefix("docker.io/") {
            Some(rest) => rest.strip_prefix("library/").filter(|r| !r.contains('/')).unwrap_or(rest).to_owned(),
            None => text,
        }
    }

    /// Returns the same repository pinned to `digest`, without a tag.
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), tag: None, ..self.clone() }
    }

    /// Returns the same repository with another tag, without a digest.
    pub fn with_tag(&self, tag: &str) -> Self {
        Self { digest: None, tag: Some(tag.to_owned()), ..self.clone() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let invalid = |part| ReferenceError::Invalid(text.to_owned(), part);
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(|_| invalid("digest"))?)),
            None => (text, None),
        };
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((before, tag)) if !tag.contains('/') => (before, Some(tag)),
            _ => (rest, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(invalid("tag"));
        }
        let (registry, path) = split_registry(rest);
        if !is_host(&registry) {
            return Err(invalid("registry host"));
        }
        if path.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(ReferenceError::UpperCase(text.to_owned()));
        }
        if path.is_empty() || path.len() > 255 || !path.split('/').all(is_component) {
            return Err(invalid("repository name"));
        }
        let tag = tag.map(str::to_owned).or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Ok(Self { registry, repository: path, tag, digest })
    }
}

/// Splits off the host, which has a dot, a colon or is `localhost`; else the name is docker's.
fn split_registry(name: &str) -> (String, String) {
    let explicit = name.split_once('/').filter(|(host, _)| {
        host.contains(['.', ':']) || *host == "localhost" || host.bytes().any(|b| b.is_ascii_uppercase())
    });
    match explicit {
        Some(("index.docker.io" | "docker.io", path)) => docker(path),
        Some((host, path)) => (host.to_owned(), path.to_owned()),
        None => docker(name),
    }
}

fn docker(path: &str) -> (String, String) {
    let path = if path.contains('/') { path.to_owned() } else { format!("library/{path}") };
    (DEFAULT_REGISTRY.to_owned(), path)
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=128).contains(&tag.len()) && word(tag.as_bytes()[0]) && tag.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    let v6 = name.strip_prefix('[').and_then(|n| n.strip_suffix(']'));
    let good_name = match v6 {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        }),
    };
    good_name && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// A component is runs of `[a-z0-9]` joined by one of `.`, `_`, `__` or any number of `-`.
fn is_component(component: &str) -> bool {
    let mut separator = "";
    let mut rest = component;
    loop {
        let run = rest.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit()).count();
        let separator_ok =
            separator.is_empty() || matches!(separator, "." | "_" | "__") || separator.bytes().all(|b| b == b'-');
        if run == 0 || !separator_ok {
            return false;
        }
        rest = &rest[run..];
        if rest.is_empty() {
            return true;
        }
        let length = rest.bytes().take_while(|b| b".-_".contains(b)).count();
        if length == 0 {
            return false;
        }
        (separator, rest) = rest.split_at(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_completed() {
        for (text, full, familiar) in [
            ("debian", "docker.io/library/debian:latest", "debian:latest"),
            ("moby/buildkit:v1", "docker.io/moby/buildkit:v1", "moby/buildkit:v1"),
            ("index.docker.io/debian:12", "docker.io/library/debian:12", "debian:12"),
            ("localhost/a", "localhost/a:latest", "localhost/a:latest"),
            ("127.0.0.1:5000/a/b_c:1", "127.0.0.1:5000/a/b_c:1", "127.0.0.1:5000/a/b_c:1"),
            ("[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest"),
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!(reference.to_string(), full);
            assert_eq!(reference.familiar(), familiar);
        }
    }

    #[test]
    fn a_digest_takes_no_default_tag() {
        let text = format!("debian@{}", Digest::of(b""));
        assert_eq!(text.parse::<Reference>().unwrap().tag(), None);
    }

    #[test]
    fn malformed_names_are_refused() {
        for text in
            ["", "Debian", "a//b", "a:b:c", "a@sha256:12", "-a/b", "a.b-/c", "a..b", "a___b", "x/_a", "host:99999999/a"]
        {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
