//! Docker's credential helpers: `docker-credential-NAME get`, the server on standard input, JSON on standard output.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::credential::{Credential, Secret};
use crate::error::RegistryError;

/// More than any credential has.
const MOST_OUTPUT_BYTES: u64 = 1 << 20;

/// Where helpers are looked for and what they see.
#[derive(Debug, Clone, Default)]
pub struct Helpers {
    /// Directories, in order; those of PATH as a rule.
    pub directories: Vec<PathBuf>,
    /// The whole environment of a helper.
    pub environment: Vec<(OsString, OsString)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    secret: SecretString,
}

impl Helpers {
    /// Asks a helper about a server; `None` when it knows nothing.
    pub(crate) fn get(&self, name: &str, server: &str) -> Result<Option<Credential>, RegistryError> {
        let program = format!("docker-credential-{name}");
        let fail = |problem, source| RegistryError::Helper { helper: program.clone(), problem, source };
        if name.contains('/') {
            return Err(fail("has a name with a slash", None));
        }
        let found = self.directories.iter().map(|directory| directory.join(&program)).find(|path| path.is_file());
        let path = found.ok_or_else(|| fail("is not installed", None))?;
        let mut command = Command::new(path);
        command.arg("get").env_clear().envs(self.environment.iter().map(|(key, value)| (key, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = Running(command.spawn().map_err(|source| fail("cannot be started", Some(source)))?);
        let (output, success) = running.exchange(server).map_err(|source| fail("broke off", Some(source)))?;
        if !success {
            let unknown = output.expose_secret().contains("credentials not found");
            return if unknown { Ok(None) } else { Err(fail("failed", None)) };
        }
        // The parser's own message may quote a secret.
        let answer: Answer =
            serde_json::from_str(output.expose_secret()).map_err(|_| fail("answered no credential", None))?;
        Ok(answer.into_credential(&program))
    }
}

impl Answer {
    fn into_credential(self, origin: &str) -> Option<Credential> {
        if self.secret.expose_secret().is_empty() {
            return None;
        }
        let origin = origin.to_owned();
        Some(match self.username.as_str() {
            "<token>" => Credential { user: String::new(), secret: Secret::Identity(self.secret), origin },
            _ => Credential { user: self.username, secret: Secret::Password(self.secret), origin },
        })
    }
}

/// A helper at work; killed and reaped when dropped early.
struct Running(Child);

impl Running {
    fn exchange(&mut self, server: &str) -> std::io::Result<(SecretString, bool)> {
        let mut stdin: ChildStdin = self.0.stdin.take().expect("standard input was asked for as a pipe");
        // A helper that answers without reading closes its end first.
        match stdin.write_all(server.as_bytes()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error),
            _ => drop(stdin),
        }
        let mut output = String::new();
        let stdout = self.0.stdout.take().expect("standard output was asked for as a pipe");
        stdout.take(MOST_OUTPUT_BYTES).read_to_string(&mut output)?;
        Ok((SecretString::from(output), self.0.wait()?.success()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when the child was reaped already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn ask(script: &str) -> Result<Option<Credential>, RegistryError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("docker-credential-x");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let helpers = Helpers { directories: vec![directory.path().to_owned()], environment: Vec::new() };
        helpers.get("x", "r.example")
    }

    #[test]
    fn a_password_for_the_server_on_standard_input() {
        let script = r#"read server; echo "{\"ServerURL\":\"$server\",\"Username\":\"$1-$server\",\"Secret\":\"s\"}""#;
        assert_eq!(ask(script).unwrap().unwrap().user, "get-r.example");
    }

    #[test]
    fn the_user_token_means_an_identity_token() {
        let found = ask(r#"echo '{"Username":"<token>","Secret":"s"}'"#).unwrap().unwrap();
        assert!(matches!(found.secret, Secret::Identity(_)));
    }

    #[test]
    fn not_found_is_no_error_and_other_failures_are() {
        assert!(ask("echo credentials not found in native keychain; exit 1").unwrap().is_none());
        assert!(matches!(ask("echo locked; exit 1"), Err(RegistryError::Helper { problem: "failed", .. })));
        assert!(matches!(
            Helpers::default().get("y", "r"),
            Err(RegistryError::Helper { problem: "is not installed", .. })
        ));
    }
}
