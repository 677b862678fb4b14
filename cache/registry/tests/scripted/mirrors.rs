//! Mirrors and other places, by registries.conf and hosts.toml.

use std::path::{Path, PathBuf};

use containr_oci::{Reference, media};
use containr_registry::{Registries, RegistryError, Settings};
use containr_testkit::registry::{Corruption, Faults, ScriptedRegistry};

use crate::support::{Client, assert_little_was_moved, layer, manifest, noise};

/// Two registries with the same content, and a folder for configuration.
struct Scene {
    origin: ScriptedRegistry,
    mirror: ScriptedRegistry,
    directory: tempfile::TempDir,
    bytes: Vec<u8>,
}

impl Scene {
    fn new(set: impl FnOnce(&mut Faults)) -> Self {
        let (origin, mirror) = (ScriptedRegistry::start(), ScriptedRegistry::with(set));
        let bytes = noise(1 << 20);
        for (registry, repository) in [(&origin, "a/app"), (&mirror, "a/app"), (&mirror, "proxy/a/app")] {
            registry.put_blob(&bytes);
            registry.put_manifest(repository, "1", media::MANIFEST, manifest());
        }
        Self { origin, mirror, directory: tempfile::tempdir().unwrap(), bytes }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Sends `origin.example` to the origin, with the mirror in front.
    fn with_conf(&self, more: &str) -> Client {
        let (origin, mirror) = (self.origin.host(), self.mirror.host());
        let text = format!(
            "[[registry]]\nprefix = \"origin.example\"\nlocation = \"{origin}\"\n[[registry.mirror]]\nlocation = \"{mirror}\"\n{more}\n"
        );
        let path = self.write("registries.conf", &text);
        Client::with(|settings| settings.registries_conf.push(path))
    }

    fn with_hosts_toml(&self, text: &str) -> Client {
        self.write(&format!("{}/hosts.toml", self.origin.host()), text);
        let directory = self.directory.path().to_owned();
        Client::with(|settings: &mut Settings| settings.hosts_toml.push(directory))
    }

    fn asked(&self) -> (usize, usize) {
        (self.mirror.counts().requests.len(), self.origin.counts().requests.len())
    }
}

fn app() -> Reference {
    "origin.example/a/app:1".parse().unwrap()
}

fn fetch(client: &Client, reference: &Reference, bytes: &[u8]) -> Result<Vec<u8>, RegistryError> {
    let mut sink = std::io::Cursor::new(Vec::new());
    client.registries.fetch_blob_to(reference, &layer(bytes), &mut sink, &client.context())?;
    Ok(sink.into_inner())
}

#[test]
fn a_mirror_is_asked_first_and_alone() {
    let scene = Scene::new(|_| {});
    let client = scene.with_conf("");
    let resolved = client.registries.resolve(&app(), &client.context()).unwrap();
    assert_eq!(resolved.from, scene.mirror.host());
    assert_eq!(scene.asked(), (1, 0));
}

#[test]
fn a_mirror_that_lacks_an_image_is_passed_over_in_silence() {
    let scene = Scene::new(|_| {});
    scene.origin.put_manifest("b/only", "1", media::MANIFEST, manifest());
    let client = scene.with_conf("");
    let reference = "origin.example/b/only:1".parse().unwrap();
    assert_eq!(client.registries.resolve(&reference, &client.context()).unwrap().from, scene.origin.host());
    assert!(client.warnings().is_empty());
}

#[test]
fn a_mirror_that_lies_is_passed_over_aloud() {
    let scene = Scene::new(|faults| faults.manifest_bytes = Some(b"{}".to_vec()));
    let client = scene.with_conf("");
    assert_eq!(client.registries.resolve(&app(), &client.context()).unwrap().from, scene.origin.host());
    assert!(client.warnings()[0].contains("is corrupt"), "{:?}", client.warnings());
}

#[test]
fn a_blob_that_is_wrong_on_the_mirror_comes_from_the_origin() {
    let scene = Scene::new(|faults| faults.corruption = Corruption::Always);
    let client = scene.with_conf("");
    assert!(fetch(&client, &app(), &scene.bytes).unwrap() == scene.bytes);
    assert_eq!(scene.asked(), (1, 1));
}

#[test]
fn the_origin_goes_on_where_a_mirror_dies() {
    let scene = Scene::new(|faults| {
        faults.ignore_range = true;
        faults.cut_download_every = Some(700_000);
    });
    let client = scene.with_conf("");
    assert!(fetch(&client, &app(), &scene.bytes).unwrap() == scene.bytes);
    let from_origin = scene.origin.counts().sent_bytes;
    assert_eq!(from_origin, (1 << 20) - 700_000);
}

#[test]
fn mirrors_see_no_pushes() {
    let scene = Scene::new(|_| {});
    let client = scene.with_conf("");
    client.registries.push_manifest(&app(), media::MANIFEST, manifest(), &client.context()).unwrap();
    assert_eq!(scene.asked(), (0, 1));
}

#[test]
fn a_mirror_for_digests_sees_no_tags() {
    let scene = Scene::new(|_| {});
    let client = scene.with_conf("pull-from-mirror = \"digest-only\"");
    let resolved = client.registries.resolve(&app(), &client.context()).unwrap();
    assert_eq!(scene.asked(), (0, 1));
    let pinned = app().with_digest(resolved.descriptor.digest);
    assert_eq!(client.registries.resolve(&pinned, &client.context()).unwrap().from, scene.mirror.host());
}

#[test]
fn a_blocked_registry_is_not_asked() {
    let scene = Scene::new(|_| {});
    let client = scene.with_conf("[[registry]]\nlocation = \"origin.example/a\"\nblocked = true");
    let error = client.registries.resolve(&app(), &client.context()).unwrap_err();
    assert!(matches!(error, RegistryError::Blocked { .. }), "{error}");
    assert_eq!(scene.asked(), (0, 0));
}

#[test]
fn hosts_toml_with_capabilities_path_headers_and_namespace() {
    let scene = Scene::new(|_| {});
    let mirror = scene.mirror.host();
    let client = scene.with_hosts_toml(&format!(
        "[host.\"http://{mirror}/v2/proxy\"]\noverride_path = true\ncapabilities = [\"pull\"]\n[host.\"http://{mirror}/v2/proxy\".header]\nx-test = \"yes\"\n"
    ));
    let reference: Reference = format!("{}/a/app:1", scene.origin.host()).parse().unwrap();
    // A tag needs the capability to resolve, which the mirror has not.
    let resolved = client.registries.resolve(&reference, &client.context()).unwrap();
    assert_eq!(scene.asked(), (0, 1));
    client.registries.manifest(&reference, &resolved.descriptor.digest, &client.context()).unwrap();
    let request = scene.mirror.counts().requests[0].clone();
    let digest = resolved.descriptor.digest;
    let namespace = scene.origin.host().replace(':', "%3A");
    assert_eq!(request.target, format!("/v2/proxy/a/app/manifests/{digest}?ns={namespace}"));
    assert_eq!(request.test_header, "yes");
}

#[test]
fn a_server_in_hosts_toml_takes_the_registrys_place() {
    let scene = Scene::new(|faults| faults.cut_download_once = Some(500_000));
    let client = scene.with_hosts_toml(&format!("server = \"http://{}\"\n", scene.mirror.host()));
    let reference: Reference = format!("{}/a/app:1", scene.origin.host()).parse().unwrap();
    assert!(fetch(&client, &reference, &scene.bytes).unwrap() == scene.bytes);
    assert_eq!(scene.origin.counts().requests.len(), 0);
    assert_little_was_moved(scene.mirror.counts().sent_bytes, scene.bytes.len());
}

fn candidates(conf: &str, text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("registries.conf");
    std::fs::write(&path, conf).unwrap();
    let mut settings = Settings::new("containr-test");
    settings.registries_conf.push(path);
    let registries = Registries::new(settings).unwrap();
    registries.candidates(text).unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn short_names_are_docker_hubs_unless_configured() {
    let conf = "unqualified-search-registries = [\"one.example\", \"docker.io\"]\n[aliases]\n\"tool\" = \"two.example/x/tool\"\n";
    for (conf, text, expected) in [
        ("", "debian", vec!["docker.io/library/debian:latest"]),
        ("", "moby/buildkit:v1", vec!["docker.io/moby/buildkit:v1"]),
        (conf, "debian:12", vec!["one.example/debian:12", "docker.io/library/debian:12"]),
        (conf, "tool:3", vec!["two.example/x/tool:3"]),
        (conf, "docker.io/debian", vec!["docker.io/library/debian:latest"]),
        (conf, "localhost:5000/debian", vec!["localhost:5000/debian:latest"]),
    ] {
        assert_eq!(candidates(conf, text), expected, "{text}");
    }
}

#[test]
fn missing_configuration_is_no_error_and_broken_configuration_is() {
    let mut settings = Settings::new("containr-test");
    settings.registries_conf.push(Path::new("/nonexistent/registries.conf").to_owned());
    assert!(Registries::new(settings.clone()).is_ok());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("registries.conf");
    std::fs::write(&path, "[[registry]\n").unwrap();
    settings.registries_conf.push(path);
    assert!(matches!(Registries::new(settings).unwrap_err(), RegistryError::Malformed { line: 1, .. }));
}
