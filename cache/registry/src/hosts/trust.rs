//! TLS of hosts: insecure ones, and certificates in docker's and containers' `certs.d` directories.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use containr_http::{HttpError, Identity, Tls, Trust, Verification, is_loopback};

use crate::error::RegistryError;

/// Knows TLS settings by host; certificates are read once, when their host is first spoken to.
pub(crate) struct HostTrust {
    directories: Vec<PathBuf>,
    insecure: Vec<String>,
    ordinary: Arc<Tls>,
    unchecked: Arc<Tls>,
    known: Mutex<HashMap<String, Arc<Tls>>>,
}

impl HostTrust {
    pub(crate) fn new(directories: Vec<PathBuf>, insecure: Vec<String>) -> Self {
        Self {
            directories,
            insecure,
            ordinary: Arc::default(),
            unchecked: Arc::new(Tls { verification: Verification::Skip, ..Tls::default() }),
            known: Mutex::default(),
        }
    }

    /// Returns the settings that believe any certificate.
    pub(crate) fn unchecked(&self) -> Arc<Tls> {
        self.unchecked.clone()
    }

    /// Returns whether a host needs no valid certificate and may speak plain http: loopback, as in docker, and listed ones.
    pub(crate) fn is_insecure(&self, authority: &str) -> bool {
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        is_loopback(authority) || self.insecure.iter().any(|listed| listed == authority || listed == host)
    }

    fn build(&self, authority: &str) -> Result<Arc<Tls>, HttpError> {
        let mut tls = Tls::default();
        let mut found = false;
        for directory in &self.directories {
            found |= add_directory(&directory.join(authority), &mut tls).map_err(into_http)?;
        }
        let insecure = self.is_insecure(authority);
        if !found {
            return Ok(if insecure { self.unchecked.clone() } else { self.ordinary.clone() });
        }
        if insecure && tls.authorities.is_empty() {
            tls.verification = Verification::Skip;
        }
        Ok(Arc::new(tls))
    }
}

impl Trust for HostTrust {
    fn for_host(&self, authority: &str) -> Result<Arc<Tls>, HttpError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tls) = known.get(authority) {
            return Ok(tls.clone());
        }
        let tls = self.build(authority)?;
        known.insert(authority.to_owned(), tls.clone());
        Ok(tls)
    }
}

/// Adds every `*.crt` as an authority and the first `NAME.cert` with its `NAME.key`; says whether there was any.
fn add_directory(directory: &Path, tls: &mut Tls) -> Result<bool, RegistryError> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(RegistryError::Read { path: directory.to_owned(), source }),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| RegistryError::Read { path: directory.to_owned(), source })?;
        paths.push(entry.path());
    }
    paths.sort();
    let before = (tls.authorities.len(), tls.identity.is_some());
    for path in paths {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("crt") => tls.authorities.push(read(&path)?),
            Some("cert") if tls.identity.is_none() => {
                tls.identity = Some(read_identity(&path, &path.with_extension("key"))?);
            }
            _ => {}
        }
    }
    Ok(before != (tls.authorities.len(), tls.identity.is_some()))
}

/// Reads a client certificate and its key.
pub(super) fn read_identity(certificate: &Path, key: &Path) -> Result<Identity, RegistryError> {
    Ok(Identity { certificates: read(certificate)?, key: read(key)?.into() })
}

fn read(path: &Path) -> Result<Vec<u8>, RegistryError> {
    std::fs::read(path).map_err(|source| RegistryError::Read { path: path.to_owned(), source })
}

fn into_http(error: RegistryError) -> HttpError {
    match error {
        RegistryError::Read { path, source } => HttpError::CertificateFile { path, source },
        other => HttpError::Certificate { what: "certificate directory", source: Box::new(other) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_listed_hosts_are_insecure() {
        let trust = HostTrust::new(Vec::new(), vec!["a.example:5000".to_owned(), "b.example".to_owned()]);
        for (host, expected) in
            [("a.example:5000", true), ("a.example", false), ("b.example:1", true), ("127.0.0.1:5000", true)]
        {
            assert_eq!(trust.is_insecure(host), expected, "{host}");
        }
    }

    #[test]
    fn certificates_come_from_the_directory_of_the_host() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("r.example:5000");
        std::fs::create_dir(&directory).unwrap();
        for name in ["ca.crt", "client.cert", "client.key", "readme"] {
            std::fs::write(directory.join(name), name).unwrap();
        }
        let trust = HostTrust::new(vec![root.path().to_owned()], Vec::new());
        let tls = trust.for_host("r.example:5000").unwrap();
        assert_eq!(tls.authorities, [b"ca.crt".to_vec()]);
        assert_eq!(tls.identity.as_ref().unwrap().certificates, b"client.cert");
        assert!(Arc::ptr_eq(&tls, &trust.for_host("r.example:5000").unwrap()));
        assert!(trust.for_host("other.example").unwrap().authorities.is_empty());
    }
}
