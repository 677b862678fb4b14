//! Credential files of docker (`config.json`) and podman (`auth.json`), which share one shape.
//!
//! Files are asked in order and the first with an answer wins. Inside a file: the helper for the host, the store, the
//! entries by key, the most specific path first (containers-auth.json(5)).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde::Deserialize;

use super::credential::{Credential, Secret};
use super::helper::Helpers;
use crate::error::RegistryError;

/// The key under which docker keeps Docker Hub's credentials.
const HUB_KEY: &str = "https://index.docker.io/v1/";

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct File {
    auths: BTreeMap<String, Entry>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<SecretString>,
    username: String,
    password: Option<SecretString>,
    identitytoken: Option<SecretString>,
    registrytoken: Option<SecretString>,
}

/// Finds the credential for `host/repository` in the files.
///
/// # Errors
/// A file that exists cannot be read or has a wrong shape, or a helper fails.
pub(crate) fn find(
    files: &[PathBuf],
    helpers: &Helpers,
    host: &str,
    repository: &str,
) -> Result<Option<Credential>, RegistryError> {
    for path in files {
        let Some(file) = read(path)? else { continue };
        if let Some(credential) = in_file(path, &file, helpers, (host, repository))? {
            return Ok(Some(credential));
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Option<File>, RegistryError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RegistryError::Read { path: path.to_owned(), source }),
    };
    if text.trim_ascii().is_empty() {
        return Ok(None);
    }
    // The parser's own message may quote a secret.
    serde_json::from_slice(&text).map(Some).map_err(|error| RegistryError::Malformed {
        path: path.to_owned(),
        line: error.line(),
        problem: "not a credential file",
    })
}

fn in_file(
    path: &Path,
    file: &File,
    helpers: &Helpers,
    (host, repository): (&str, &str),
) -> Result<Option<Credential>, RegistryError> {
    let hub = host == "docker.io";
    let asked_as = if hub { HUB_KEY } else { host };
    let own = file.cred_helpers.iter().find(|(key, _)| normal(key) == host).map(|(_, helper)| helper.as_str());
    for helper in own.into_iter().chain(Some(file.creds_store.as_str())).filter(|name| !name.is_empty()) {
        if let Some(credential) = helpers.get(helper, asked_as)? {
            return Ok(Some(credential));
        }
    }
    let mut key = format!("{host}/{repository}");
    loop {
        let entry = file.auths.iter().find(|(name, entry)| normal(name) == key && !entry.is_empty());
        if let Some((_, entry)) = entry {
            return entry.credential(path);
        }
        match key.rfind('/') {
            Some(at) => key.truncate(at),
            None => return Ok(None),
        }
    }
}

/// Returns a key without scheme, API version and trailing slash; all of Docker Hub's names are one.
fn normal(key: &str) -> String {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let bare = bare.trim_end_matches('/');
    let bare = bare.strip_suffix("/v1").or_else(|| bare.strip_suffix("/v2")).unwrap_or(bare);
    let (host, path) = bare.split_once('/').map_or((bare, None), |(host, path)| (host, Some(path)));
    let host = match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        other => other,
    };
    path.map_or(host.to_owned(), |path| format!("{host}/{path}"))
}

impl Entry {
    /// Returns whether this is the empty entry that docker leaves when a store holds the secret.
    fn is_empty(&self) -> bool {
        let none = |secret: &Option<SecretString>| secret.as_ref().is_none_or(|s| expose(s).is_empty());
        none(&self.auth) && none(&self.password) && none(&self.identitytoken) && none(&self.registrytoken)
    }

    fn credential(&self, path: &Path) -> Result<Option<Credential>, RegistryError> {
        let origin = path.display().to_string();
        let filled = |secret: &Option<SecretString>| secret.clone().filter(|s| !expose(s).is_empty());
        if let Some(token) = filled(&self.registrytoken) {
            return Ok(Some(Credential { user: String::new(), secret: Secret::Registry(token), origin }));
        }
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Credential { user: self.username.clone(), secret: Secret::Identity(token), origin }));
        }
        if let Some(auth) = filled(&self.auth) {
            let problem = "an `auth` value is not base64 of USER:PASSWORD";
            let malformed = || RegistryError::Malformed { path: path.to_owned(), line: 0, problem };
            let (user, password) = decode(expose(&auth)).ok_or_else(malformed)?;
            return Ok(Some(Credential { user, secret: Secret::Password(password), origin }));
        }
        let password = filled(&self.password);
        Ok(password.map(|password| Credential {
            user: self.username.clone(),
            secret: Secret::Password(password),
            origin,
        }))
    }
}

fn decode(auth: &str) -> Option<(String, SecretString)> {
    let text = String::from_utf8(STANDARD.decode(auth.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    // Old docker versions padded the password with zero bytes.
    Some((user.to_owned(), SecretString::from(password.trim_end_matches('\0'))))
}

fn expose(secret: &SecretString) -> &str {
    secrecy::ExposeSecret::expose_secret(secret)
}

#[cfg(test)]
mod tests {
    use containr_testkit::damage::damaged;

    use super::*;

    fn look(text: &str, host: &str, repository: &str) -> Result<Option<Credential>, RegistryError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        std::fs::write(&path, text).unwrap();
        find(&[directory.path().join("absent.json"), path], &Helpers::default(), host, repository)
    }

    fn user(text: &str, host: &str, repository: &str) -> Option<String> {
        look(text, host, repository).unwrap().map(|credential| credential.user)
    }

    fn entry(key: &str, user: &str) -> String {
        format!(r#""{key}":{{"auth":"{}"}}"#, STANDARD.encode(format!("{user}:p:w")))
    }

    #[test]
    fn the_most_specific_path_wins() {
        let text = format!(
            r#"{{"auths":{{{},{},{}}}}}"#,
            entry("r.example", "host"),
            entry("r.example/team", "team"),
            entry("https://r.example/team/app", "app")
        );
        for (repository, expected) in [("team/app", "app"), ("team/other", "team"), ("else", "host")] {
            assert_eq!(user(&text, "r.example", repository).as_deref(), Some(expected));
        }
        assert_eq!(user(&text, "r.example:5000", "team/app"), None);
    }

    #[test]
    fn docker_hub_under_its_old_key() {
        for key in ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"] {
            let text = format!(r#"{{"auths":{{{}}}}}"#, entry(key, "hub"));
            assert_eq!(user(&text, "docker.io", "library/debian").as_deref(), Some("hub"), "{key}");
        }
    }

    #[test]
    fn tokens_come_before_passwords() {
        let text = r#"{"auths":{"a":{"auth":"dTpw","identitytoken":"i"},"b":{"registrytoken":"r"},"c":{}}}"#;
        assert!(matches!(look(text, "a", "x").unwrap().unwrap().secret, Secret::Identity(_)));
        assert!(matches!(look(text, "b", "x").unwrap().unwrap().secret, Secret::Registry(_)));
        assert!(look(text, "c", "x").unwrap().is_none());
    }

    #[test]
    fn a_malformed_file_is_named_and_not_quoted() {
        for text in [r#"{"auths":{"a":{"auth":"hunter2!"}}}"#, r#"{"auths":"hunter2"}"#, "hunter2"] {
            let error = look(text, "a", "x").unwrap_err();
            assert!(matches!(error, RegistryError::Malformed { .. }));
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn damaged_files_are_refused_without_a_secret() {
        let secret = STANDARD.encode("me:hunter2");
        let text = format!(
            r#"{{"auths":{{"a/b":{{"auth":"{secret}"}},"a":{{"identitytoken":"hunter2","username":"u"}}}},"credHelpers":{{}}}}"#
        );
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        for damaged in damaged(&text, &["null", "{}", "\"auths\":", "hunter2", "\\u0000"]).take(5_000) {
            std::fs::write(&path, &damaged).unwrap();
            if let Err(error) = find(std::slice::from_ref(&path), &Helpers::default(), "a", "b/c") {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("hunter2") && !shown.contains(&secret), "{shown}");
            }
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!(r#"{{"auths":{{{}}}}}"#, entry("a", "me"));
        let shown = format!("{:?}", look(&text, "a", "x").unwrap().unwrap());
        assert!(shown.contains("user me") && !shown.contains("p:w"), "{shown}");
    }
}
