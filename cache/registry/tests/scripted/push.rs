//! Pushes to a registry that goes wrong.

use crate::support::{Bytes, Client, assert_little_was_moved, image, layer, manifest, noise};
use containr_oci::{Digest, media};
use containr_registry::{Pushed, RegistryError};
use containr_testkit::registry::{Busy, Faults, Head, LocationForm, ScriptedRegistry};

const SIZE: usize = 32 << 20;

/// Pushes one blob past the faults, checks that it arrived, and returns the bytes that the registry read.
fn push_past(set: impl FnOnce(&mut Faults)) -> u64 {
    push_with(&Client::new(), set)
}

fn push_with(client: &Client, set: impl FnOnce(&mut Faults)) -> u64 {
    let registry = ScriptedRegistry::with(set);
    let bytes = noise(SIZE);
    assert_eq!(client.push(&registry, &bytes).unwrap(), Pushed::Uploaded);
    assert!(*registry.blob(&Digest::of(&bytes)).unwrap() == *bytes);
    registry.counts().received_bytes
}

#[test]
fn a_blob_is_sent_in_one_piece_and_not_again() {
    let registry = ScriptedRegistry::start();
    let bytes = noise(SIZE);
    let client = Client::new();
    assert_eq!(client.push(&registry, &bytes).unwrap(), Pushed::Uploaded);
    assert_eq!(registry.counts().of("PATCH", ""), 1);
    assert_eq!(client.push(&registry, &bytes).unwrap(), Pushed::Existed);
    assert_eq!(registry.counts().received_bytes, SIZE as u64);
}

#[test]
fn an_empty_blob() {
    let registry = ScriptedRegistry::start();
    assert_eq!(Client::new().push(&registry, b"").unwrap(), Pushed::Uploaded);
    assert!(registry.blob(&Digest::of(b"")).is_some());
}

#[test]
fn a_cut_at_10_50_and_90_percent_moves_little_twice() {
    for percent in [10, 50, 90] {
        let moved = push_past(|faults| faults.cut_upload_once = Some((SIZE * percent / 100) as u64));
        assert_little_was_moved(moved, SIZE);
    }
}

#[test]
fn every_connection_cut_after_30_percent_moves_little_twice() {
    let moved = push_past(|faults| faults.cut_upload_every = Some((SIZE * 3 / 10) as u64));
    assert_little_was_moved(moved, SIZE);
}

#[test]
fn more_cuts_than_tries_are_no_matter_while_each_moves_on() {
    let moved = push_past(|faults| faults.cut_upload_every = Some((SIZE / 20) as u64));
    assert_little_was_moved(moved, SIZE);
}

#[test]
fn a_stall_counts_as_a_cut() {
    let moved = push_with(&Client::impatient(), |faults| faults.stall_upload_once = Some((SIZE / 2) as u64));
    assert_little_was_moved(moved, SIZE);
}

#[test]
fn an_upload_that_the_server_lost_begins_once_more() {
    let moved = push_past(|faults| {
        faults.lose_cut_uploads = true;
        faults.cut_upload_once = Some((SIZE / 2) as u64);
    });
    assert_eq!(moved, (SIZE + SIZE / 2) as u64);
}

#[test]
fn an_upload_that_is_lost_each_time_is_given_up() {
    let registry = ScriptedRegistry::with(|faults| {
        faults.lose_cut_uploads = true;
        faults.cut_upload_every = Some(1 << 20);
    });
    let error = Client::new().push(&registry, &noise(SIZE)).unwrap_err();
    assert!(matches!(error, RegistryError::NotFound { .. }), "{error}");
    assert_eq!(registry.counts().of("PATCH", ""), 3);
}

#[test]
fn chunks_of_a_chosen_or_a_demanded_size() {
    for (demanded, expected) in [(None, 8), (Some(16 << 20), 2)] {
        let registry = ScriptedRegistry::with(|faults| faults.chunk_min_length = demanded);
        let bytes = noise(SIZE);
        let client = Client::with(|settings| settings.chunk_bytes = 4 << 20);
        client.push(&registry, &bytes).unwrap();
        assert_eq!(registry.counts().of("PATCH", ""), expected);
        assert_eq!(registry.counts().received_bytes, SIZE as u64);
    }
}

#[test]
fn locations_of_every_form() {
    for form in [LocationForm::Absolute, LocationForm::Path, LocationForm::Relative] {
        let moved = push_past(|faults| {
            faults.location = form;
            faults.cut_upload_once = Some((SIZE / 2) as u64);
        });
        assert_little_was_moved(moved, SIZE);
    }
}

#[test]
fn no_head_on_push() {
    for status in [404, 405] {
        let moved = push_past(|faults| faults.head = Head::Fails(status));
        assert_eq!(moved, SIZE as u64);
    }
}

#[test]
fn busy_answers_on_every_verb() {
    for status in [429, 503] {
        let registry = ScriptedRegistry::with(|faults| {
            faults.busy = Some(Busy { status, retry_after: Some("2".to_owned()), times_per_verb: 2 });
        });
        let bytes = noise(1 << 20);
        let client = Client::new();
        client.push(&registry, &bytes).unwrap();
        client
            .registries
            .push_manifest(&image(&registry, "a/app:1"), media::MANIFEST, manifest(), &client.context())
            .unwrap();
        client.pull(&registry, &layer(&bytes)).unwrap();
        for verb in ["HEAD", "POST", "PATCH", "PUT", "GET"] {
            assert!(registry.counts().of(verb, "") >= 3, "{verb}");
        }
        let two = std::time::Duration::from_secs(2);
        assert!(client.pace.waits().iter().filter(|wait| **wait == two).count() >= 8, "{:?}", client.pace.waits());
    }
}

#[test]
fn a_mount_moves_nothing_and_a_refused_one_uploads() {
    for (refuse, expected) in [(false, Pushed::Mounted), (true, Pushed::Uploaded)] {
        let registry = ScriptedRegistry::with(|faults| {
            faults.refuse_mounts = refuse;
            faults.head = Head::Fails(404);
        });
        let bytes = noise(1000);
        registry.put_blob(&bytes);
        let client = Client::new();
        let from = [image(&registry, "b/base:1"), image(&registry, "c/base:1"), "docker.io/d/e".parse().unwrap()];
        let target = image(&registry, "a/app:1");
        let pushed =
            client.registries.push_blob(&target, &layer(&bytes), &Bytes(&bytes), &from, &client.context()).unwrap();
        assert_eq!(pushed, expected);
        let counts = registry.counts();
        assert_eq!((counts.of("PATCH", ""), counts.of("POST", "")), if refuse { (1, 2) } else { (0, 1) });
    }
}

#[test]
fn bytes_unlike_their_descriptor_are_refused_by_the_registry_and_reported() {
    let registry = ScriptedRegistry::start();
    let client = Client::new();
    let target = image(&registry, "a/app:1");
    let error =
        client.registries.push_blob(&target, &layer(b"right"), &Bytes(b"wrong"), &[], &client.context()).unwrap_err();
    assert!(matches!(&error, RegistryError::Status { status: 400, .. }), "{error}");
    assert_eq!(registry.blob(&Digest::of(b"wrong")), None);
}

#[test]
fn a_source_that_fails_is_an_error_of_the_source() {
    let registry = ScriptedRegistry::start();
    let client = Client::new();
    let error = client.push_short(&registry).unwrap_err();
    assert!(matches!(error, RegistryError::Source { .. }), "{error}");
}

impl Client {
    fn push_short(&self, registry: &ScriptedRegistry) -> Result<Pushed, RegistryError> {
        let bytes = noise(1000);
        let target = image(registry, "a/app:1");
        self.registries.push_blob(&target, &layer(&bytes), &Bytes(&bytes[..500]), &[], &self.context())
    }
}

#[test]
fn a_manifest_gets_its_tag_and_its_digest_back() {
    let registry = ScriptedRegistry::start();
    let client = Client::new();
    let target = image(&registry, "a/app:1");
    let digest = client.registries.push_manifest(&target, media::MANIFEST, manifest(), &client.context()).unwrap();
    assert_eq!(registry.tag("a/app", "1"), Some(digest));
    let pinned = target.with_digest(digest);
    client.registries.push_manifest(&pinned, media::MANIFEST, manifest(), &client.context()).unwrap();
    assert_eq!(registry.counts().of("PUT", &digest.to_string()), 1);
}
