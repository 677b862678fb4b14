//! Who may come in, and what happens when a token dies at a bad moment.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use containr_oci::media;
use containr_registry::{Credential, Pushed, RegistryError, Settings};
use containr_testkit::registry::{Auth, Revocation, ScriptedRegistry};
use secrecy::SecretString;

use crate::support::{Bytes, Client, assert_little_was_moved, image, layer, manifest, noise};

const SIZE: usize = 32 << 20;

fn anyone() -> Auth {
    Auth::Token { pair: None, refresh: None, field: "token" }
}

fn guarded(auth: Auth) -> ScriptedRegistry {
    let registry = ScriptedRegistry::with(|faults| faults.auth = Some(auth));
    registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
    registry
}

fn resolve(registry: &ScriptedRegistry, set: impl FnOnce(&mut Settings)) -> Result<(), RegistryError> {
    let client = Client::with(set);
    client.registries.resolve(&image(registry, "a/app:1"), &client.context()).map(drop)
}

/// Writes a credential file for the registry; the folder goes with the guard.
fn file(registry: &ScriptedRegistry, entry: &str) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    std::fs::write(&path, format!(r#"{{"auths":{{"{}":{entry}}}}}"#, registry.host())).unwrap();
    (directory, path)
}

#[test]
fn anonymous_tokens_under_both_names() {
    for field in ["token", "access_token"] {
        let registry = guarded(Auth::Token { pair: None, refresh: None, field });
        resolve(&registry, |_| {}).unwrap();
        assert_eq!(registry.counts().of("GET", "/token"), 1);
    }
}

#[test]
fn basic_with_a_password_from_a_file() {
    let registry = guarded(Auth::Basic { pair: "me:secret".to_owned() });
    let (_guard, path) = file(&registry, &format!(r#"{{"auth":"{}"}}"#, STANDARD.encode("me:secret")));
    resolve(&registry, |settings| settings.credential_files.push(path)).unwrap();
}

#[test]
fn a_token_for_a_password_given_for_this_run() {
    let registry = guarded(Auth::Token { pair: Some("me:secret".to_owned()), refresh: None, field: "token" });
    let credential = Credential::password("me", SecretString::from("secret"), "the command line");
    resolve(&registry, |settings| drop(settings.credentials.insert(registry.host(), credential))).unwrap();
    assert_eq!(registry.counts().of("GET", "account=me"), 1);
}

#[test]
fn an_identity_token_is_exchanged_by_post() {
    let registry = guarded(Auth::Token {
        pair: Some("nobody:else".to_owned()),
        refresh: Some("refresh+me&now".to_owned()),
        field: "access_token",
    });
    let (_guard, path) = file(&registry, r#"{"identitytoken":"refresh+me&now"}"#);
    resolve(&registry, |settings| settings.credential_files.push(path)).unwrap();
    assert_eq!(registry.counts().of("POST", "/token"), 1);
}

#[test]
fn wrong_and_missing_credentials_are_named_but_never_shown() {
    let registry = guarded(Auth::Token { pair: Some("me:secret".to_owned()), refresh: None, field: "token" });
    let wrong = Credential::password("me", SecretString::from("hunter2"), "a test");
    let errors = [
        resolve(&registry, |_| {}).unwrap_err(),
        resolve(&registry, |settings| drop(settings.credentials.insert(registry.host(), wrong))).unwrap_err(),
    ];
    for (error, credentials) in errors.iter().zip(["(no credentials)", "(user me from a test)"]) {
        assert!(matches!(error, RegistryError::Denied { .. }), "{error}");
        assert!(error.to_string().contains(credentials), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[test]
fn a_basic_registry_without_credentials_is_asked_once() {
    let registry = guarded(Auth::Basic { pair: "me:secret".to_owned() });
    assert!(matches!(resolve(&registry, |_| {}).unwrap_err(), RegistryError::Denied { .. }));
    assert_eq!(registry.counts().requests.len(), 1);
}

#[test]
fn one_token_serves_all_requests_of_one_scope() {
    let registry = guarded(anyone());
    let client = Client::new();
    let blobs: Vec<Vec<u8>> = (1..4).map(|n| noise(n * 1000)).collect();
    client.registries.resolve(&image(&registry, "a/app:1"), &client.context()).unwrap();
    for bytes in &blobs {
        registry.put_blob(bytes);
        client.pull(&registry, &layer(bytes)).unwrap();
    }
    let counts = registry.counts();
    assert_eq!((counts.of("GET", "/token"), counts.of("GET", "/v2/")), (1, 5));
}

#[test]
fn a_mount_asks_for_the_right_to_read_its_source() {
    let registry = guarded(anyone());
    registry.faults(|faults| faults.head = containr_testkit::registry::Head::Fails(404));
    let bytes = noise(1000);
    registry.put_blob(&bytes);
    let client = Client::new();
    let (target, from) = (image(&registry, "a/app:1"), [image(&registry, "b/base:1")]);
    let pushed = client.registries.push_blob(&target, &layer(&bytes), &Bytes(&bytes), &from, &client.context());
    assert_eq!(pushed.unwrap(), Pushed::Mounted);
}

#[test]
fn a_token_dies_at_the_commit() {
    let registry = guarded(anyone());
    registry.faults(|faults| faults.revocation = Some(Revocation::AtCommit));
    Client::new().push(&registry, &noise(SIZE)).unwrap();
    assert_eq!(registry.counts().received_bytes, SIZE as u64);
}

#[test]
fn a_token_dies_inside_a_body() {
    let registry = guarded(anyone());
    registry.faults(|faults| faults.revocation = Some(Revocation::InBody((SIZE / 2) as u64)));
    Client::new().push(&registry, &noise(SIZE)).unwrap();
    assert_little_was_moved(registry.counts().received_bytes, SIZE);
}

#[test]
fn a_token_dies_at_the_manifest_both_ways() {
    let registry = guarded(anyone());
    let client = Client::new();
    let reference = image(&registry, "a/app:1");
    registry.faults(|faults| faults.revocation = Some(Revocation::AtManifest));
    client.registries.resolve(&reference, &client.context()).unwrap();
    registry.faults(|faults| faults.revocation = Some(Revocation::AtManifest));
    client.registries.push_manifest(&reference, media::MANIFEST, manifest(), &client.context()).unwrap();
}

#[test]
fn a_token_dies_between_two_blobs() {
    let registry = guarded(anyone());
    registry.faults(|faults| faults.revocation = Some(Revocation::BetweenBlobs));
    let client = Client::new();
    let total: usize = [1 << 20, 2 << 20]
        .map(|size| {
            let bytes = noise(size);
            registry.put_blob(&bytes);
            assert!(client.pull(&registry, &layer(&bytes)).unwrap() == bytes);
            size
        })
        .iter()
        .sum();
    assert_eq!(registry.counts().sent_bytes, total as u64);
    assert_eq!(registry.counts().of("GET", "/token"), 2);
}
