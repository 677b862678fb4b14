//! The room against registries by other hands: Debian's docker-registry 2.8 and, where it was built, distribution 3.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use containr_oci::{Reference, media};
use containr_registry::Pushed;
use containr_testkit::cutter::Cutter;

use crate::support::{Bytes, Client, layer, manifest, noise};

/// Where Debian installs version 2.8.
const DEBIAN: &str = "/usr/bin/docker-registry";
/// Names a binary of version 3, which no package brings.
const NEWER: &str = "CONTAINR_TEST_REGISTRY3";

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
fn start(program: &Path) -> Option<Server> {
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
    let Some(server) = start(Path::new(DEBIAN)) else { return };
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
    let Some(server) = start(Path::new(DEBIAN)) else { return };
    let client = Client::with(|settings| {
        settings.chunk_bytes = 1 << 20;
        settings.pace = std::sync::Arc::new(containr_http::SystemPace);
    });
    let target: Reference = format!("{}/a/app:1", server.host).parse().unwrap();
    let bytes = noise((5 << 20) + 17);
    let pushed = client.registries.push_blob(&target, &layer(&bytes), &Bytes(&bytes), &[], &client.context()).unwrap();
    assert_eq!(pushed, Pushed::Uploaded);
}

/// Pushes a blob through a connection that is cut at half and returns the bytes that went out, as a part of its size.
fn push_past_a_cut(server: &Server) -> f64 {
    let client = Client::with(|settings| settings.pace = std::sync::Arc::new(containr_http::SystemPace));
    let straight: Reference = format!("{}/a/warm:1", server.host).parse().unwrap();
    let context = client.context();
    client.registries.push_blob(&straight, &layer(b"{}"), &Bytes(b"{}"), &[], &context).unwrap();
    let bytes = noise(32 << 20);
    let cutter = Cutter::start(&server.host, 16 << 20);
    let target: Reference = format!("{}/a/app:1", cutter.host()).parse().unwrap();
    let pushed = client.registries.push_blob(&target, &layer(&bytes), &Bytes(&bytes), &[], &context).unwrap();
    assert_eq!(pushed, Pushed::Uploaded);
    let mut pulled = Vec::new();
    client.registries.blob(&target, &layer(&bytes), &context).unwrap().read_to_end(&mut pulled).unwrap();
    assert!(pulled == bytes);
    let ratio = cutter.sent_bytes() as f64 / bytes.len() as f64;
    println!("moved x{ratio:.2}");
    ratio
}

#[test]
fn a_cut_push_begins_once_more_where_the_server_forgets_it() {
    let Some(server) = start(Path::new(DEBIAN)) else { return };
    let ratio = push_past_a_cut(&server);
    assert!((1.4..1.7).contains(&ratio), "x{ratio:.2}");
}

#[test]
fn a_cut_push_resumes_where_the_server_keeps_it() {
    let Some(program) = std::env::var_os(NEWER).map(PathBuf::from) else {
        eprintln!("skipped: needs {NEWER}, the path of a registry binary of version 3");
        return;
    };
    let Some(server) = start(&program) else { return };
    let ratio = push_past_a_cut(&server);
    assert!((1.0..1.2).contains(&ratio), "x{ratio:.2}");
}
