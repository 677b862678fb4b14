//! A registry on the loopback, from the distribution's package, for as long as its guard lives.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::command::{Background, command, find};
use crate::failure::{Context as _, Failure, Outcome};

/// How often a starting server is asked whether it answers, ten times a second.
const TRIES: usize = 100;

/// A running registry; dropped, it ends. What was pushed stays in its folder.
pub(crate) struct Registry {
    port: u16,
    _server: Background,
}

impl Registry {
    /// Starts a registry over a folder, on a port that the system picks or on the one given.
    ///
    /// # Errors
    /// docker-registry is missing, or does not answer.
    pub(crate) fn start(folder: &Path, port: Option<u16>) -> Outcome<Self> {
        let program = find("docker-registry")
            .context(|| "docker-registry is missing: `cargo xtask setup` installs it".to_owned())?;
        let port = port.map_or_else(free_port, Ok)?;
        std::fs::create_dir_all(folder).context(|| format!("cannot make {}", folder.display()))?;
        let settings = folder.join("settings.yml");
        std::fs::write(&settings, settings_text(folder, port))
            .context(|| format!("cannot write {}", settings.display()))?;
        let mut serve = command(program, ["serve"]);
        serve.arg(&settings).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Background::start(&mut serve)?;
        for _ in 0..TRIES {
            if !server.is_running() {
                break;
            }
            if get(port, "/v2/").is_ok_and(|reply| reply.starts_with("HTTP/1.1 200")) {
                return Ok(Self { port, _server: server });
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(Failure::new(format!("docker-registry does not answer on port {port}")))
    }

    /// Returns the reference of a repository and tag in it.
    pub(crate) fn reference(&self, name: &str) -> String {
        format!("127.0.0.1:{}/{name}", self.port)
    }

    /// Returns `HOST:PORT`.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns whether a tag is there.
    pub(crate) fn has(&self, repository: &str, tag: &str) -> bool {
        get(self.port, &format!("/v2/{repository}/manifests/{tag}"))
            .is_ok_and(|reply| reply.starts_with("HTTP/1.1 200"))
    }
}

/// Asks a plain HTTP server on the loopback for a path and returns head and body.
pub(crate) fn get(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let accept =
        "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, */*";
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

fn free_port() -> Outcome<u16> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).context(|| "cannot find a free port".to_owned())
}

fn settings_text(folder: &Path, port: u16) -> String {
    format!(
        "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  delete: {{enabled: true}}\n\
         http: {{addr: \"127.0.0.1:{port}\"}}\n",
        folder.join("data").display()
    )
}
