//! The room against Debian's docker-registry, a program by other hands.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use containr_oci::{Reference, media};
use containr_registry::Pushed;

use crate::support::{Bytes, Client, layer, manifest, noise};

/// A running docker-registry; ended and reaped with its value.
struct Server {
    child: Child,
    host: String,
    _directory: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the registry; `None`, said aloud, where it is not installed.
fn start() -> Option<Server> {
    let program = Path::new("/usr/bin/docker-registry");
    if !program.exists() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "docker-registry is needed in CI");
        eprintln!("skipped: needs docker-registry");
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    // The port may be taken by another process before the server binds it; its start then fails aloud.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let host = format!("127.0.0.1:{port}");
    let config = directory.path().join("config.yml");
    let text = format!(
        "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {host}\n",
        directory.path().join("data").display()
    );
    std::fs::write(&config, text).unwrap();
    let mut command = Command::new(program);
    command.arg("serve").arg(&config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    Some(Server { child, host, _directory: directory })
}

#[test]
fn an_image_goes_there_and_comes_back() {
    let Some(server) = start() else { return };
    // Connection errors are tried again with real waits, which covers the server's start.
    let client = Client::with(|settings| settings.pace = std::sync::Arc::new(containr_http::SystemPace));
    let target: Reference = format!("{}/a/app:1", server.host).parse().unwrap();
    let bytes = noise(5 << 20);
    let (blob, config) = (layer(&bytes), layer(b"{}"));
    let registries = &client.registries;
    let push = |target: &Reference, from: &[Reference]| {
        registries.push_blob(target, &blob, &Bytes(&bytes), from, &client.context()).unwrap()
    };
    assert_eq!(push(&target, &[]), Pushed::Uploaded);
    assert_eq!(push(&target, &[]), Pushed::Existed);
    let other: Reference = format!("{}/b/other:1", server.host).parse().unwrap();
    assert_eq!(push(&other, std::slice::from_ref(&target)), Pushed::Mounted);
    registries.push_blob(&target, &config, &Bytes(b"{}"), &[], &client.context()).unwrap();
    let digest = registries.push_manifest(&target, media::MANIFEST, manifest(), &client.context()).unwrap();

    assert_eq!(registries.current(&target, &client.context()).unwrap(), Some(digest));
    assert_eq!(registries.resolve(&target, &client.context()).unwrap().bytes, manifest());
    let mut pulled = Vec::new();
    registries.blob(&target, &blob, &client.context()).unwrap().read_to_end(&mut pulled).unwrap();
    assert!(pulled == bytes);
}

#[test]
fn a_blob_in_chunks() {
    let Some(server) = start() else { return };
    let client = Client::with(|settings| {
        settings.chunk_bytes = 1 << 20;
        settings.pace = std::sync::Arc::new(containr_http::SystemPace);
    });
    let target: Reference = format!("{}/a/app:1", server.host).parse().unwrap();
    let bytes = noise((5 << 20) + 17);
    let pushed = client.registries.push_blob(&target, &layer(&bytes), &Bytes(&bytes), &[], &client.context()).unwrap();
    assert_eq!(pushed, Pushed::Uploaded);
}
