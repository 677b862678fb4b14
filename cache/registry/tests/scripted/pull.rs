//! Pulls from a registry that goes wrong.

use std::io::Cursor;
use std::time::Duration;

use crate::support::{Client, assert_little_was_moved, image, layer, manifest, noise};
use containr_oci::{Digest, media};
use containr_registry::{RegistryError, is_corrupt};
use containr_testkit::registry::{Busy, Corruption, Faults, Head, ScriptedRegistry};

const SIZE: usize = 8 << 20;

/// Pulls one blob past the faults and returns the bytes that the registry sent.
fn pull_past(set: impl FnOnce(&mut Faults)) -> u64 {
    pull_with(&Client::new(), set)
}

fn pull_with(client: &Client, set: impl FnOnce(&mut Faults)) -> u64 {
    let registry = ScriptedRegistry::with(set);
    let bytes = noise(SIZE);
    registry.put_blob(&bytes);
    assert!(client.pull(&registry, &layer(&bytes)).unwrap() == bytes);
    registry.counts().sent_bytes
}

#[test]
fn a_cut_at_10_50_and_90_percent_moves_nothing_twice() {
    for percent in [10, 50, 90] {
        let moved = pull_past(|faults| faults.cut_download_once = Some((SIZE * percent / 100) as u64));
        assert_little_was_moved(moved, SIZE);
    }
}

#[test]
fn every_connection_cut_after_30_percent_moves_nothing_twice() {
    let moved = pull_past(|faults| faults.cut_download_every = Some((SIZE * 3 / 10) as u64));
    assert_little_was_moved(moved, SIZE);
}

#[test]
fn a_server_without_range_is_read_once_more_from_the_start() {
    let moved = pull_past(|faults| {
        faults.ignore_range = true;
        faults.cut_download_once = Some((SIZE / 2) as u64);
    });
    assert_eq!(moved, (SIZE + SIZE / 2) as u64);
}

#[test]
fn a_server_without_range_that_always_cuts_is_given_up() {
    let registry = ScriptedRegistry::with(|faults| {
        faults.ignore_range = true;
        faults.cut_download_every = Some((SIZE * 3 / 10) as u64);
    });
    let bytes = noise(SIZE);
    registry.put_blob(&bytes);
    let error = Client::new().pull(&registry, &layer(&bytes)).unwrap_err();
    assert!(!is_corrupt(&error));
    assert_eq!(registry.counts().of("GET", "/blobs/"), 6);
}

#[test]
fn a_stall_counts_as_a_cut() {
    let moved = pull_with(&Client::impatient(), |faults| faults.stall_download_once = Some((SIZE / 2) as u64));
    assert_little_was_moved(moved, SIZE);
}

#[test]
fn a_stream_of_wrong_bytes_fails_at_its_end_every_time_it_is_asked() {
    let registry = ScriptedRegistry::with(|faults| faults.corruption = Corruption::Always);
    let bytes = noise(1000);
    registry.put_blob(&bytes);
    let client = Client::new();
    let context = client.context();
    let mut reader = client.registries.blob(&image(&registry, "a/app:1"), &layer(&bytes), &context).unwrap();
    for _ in 0..2 {
        let error = std::io::copy(&mut reader, &mut std::io::sink()).unwrap_err();
        assert!(is_corrupt(&error), "{error}");
    }
}

#[test]
fn a_blob_wrong_once_is_fetched_again_and_one_always_wrong_is_refused() {
    for (corruption, good) in [(Corruption::Once, true), (Corruption::Always, false)] {
        let registry = ScriptedRegistry::with(|faults| faults.corruption = corruption);
        let bytes = noise(SIZE);
        registry.put_blob(&bytes);
        let client = Client::new();
        let mut sink = Cursor::new(Vec::new());
        let fetched =
            client.registries.fetch_blob_to(&image(&registry, "a/app:1"), &layer(&bytes), &mut sink, &client.context());
        match fetched {
            Ok(()) => assert!(good && sink.into_inner() == bytes),
            Err(error) => assert!(!good && error.is_corrupt(), "{error}"),
        }
        assert_eq!(registry.counts().of("GET", "/blobs/"), 2);
    }
}

#[test]
fn a_blob_of_another_length_than_its_descriptor_says_is_corrupt() {
    let registry = ScriptedRegistry::start();
    let bytes = noise(1000);
    registry.put_blob(&bytes);
    for size in [999, 1001] {
        let mut blob = layer(&bytes);
        blob.size = size;
        let error = Client::new().pull(&registry, &blob).unwrap_err();
        let inner = error.downcast::<RegistryError>().unwrap();
        assert!(matches!(inner, RegistryError::Size { actual: 1000, .. }), "{inner}");
    }
}

#[test]
fn an_empty_blob() {
    let registry = ScriptedRegistry::start();
    registry.put_blob(b"");
    assert_eq!(Client::new().pull(&registry, &layer(b"")).unwrap(), b"");
}

#[test]
fn a_manifest_by_tag_and_by_digest() {
    let registry = ScriptedRegistry::start();
    let digest = registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
    let client = Client::new();
    let by_tag = client.registries.resolve(&image(&registry, "a/app:1"), &client.context()).unwrap();
    assert_eq!(by_tag.descriptor.digest, digest);
    assert_eq!(by_tag.descriptor.media_type, media::MANIFEST);
    assert_eq!(by_tag.from, registry.host());
    let again = client.registries.manifest(&image(&registry, "a/app:1"), &digest, &client.context()).unwrap();
    assert_eq!(again, manifest());
}

#[test]
fn a_manifest_unlike_its_digest_or_its_header_is_refused() {
    let other = Digest::of(b"other").to_string();
    let changed = [manifest(), b"\n"].concat();
    for (bytes, header) in [(Some(changed), None), (None, Some(other))] {
        let registry = ScriptedRegistry::with(|faults| {
            faults.manifest_bytes = bytes;
            faults.manifest_digest = header;
        });
        let digest = registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
        let client = Client::new();
        for reference in [image(&registry, "a/app:1"), image(&registry, "a/app:1").with_digest(digest)] {
            let error = client.registries.resolve(&reference, &client.context()).unwrap_err();
            assert!(error.is_corrupt(), "{error}");
        }
    }
}

#[test]
fn a_pinned_manifest_is_checked_without_any_header() {
    let registry = ScriptedRegistry::with(|faults| {
        faults.manifest_digest = Some(String::new());
        faults.manifest_bytes = Some([manifest(), b" "].concat());
    });
    let digest = registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
    let client = Client::new();
    let reference = image(&registry, "a/app:1").with_digest(digest);
    assert!(client.registries.resolve(&reference, &client.context()).unwrap_err().is_corrupt());
}

#[test]
fn schema_1_is_refused_by_name() {
    let registry = ScriptedRegistry::start();
    registry.put_manifest("a/app", "1", "application/json", br#"{"schemaVersion":1}"#);
    let client = Client::new();
    let error = client.registries.resolve(&image(&registry, "a/app:1"), &client.context()).unwrap_err();
    assert!(containr_http::why(&error).contains("schema 1"), "{error}");
}

#[test]
fn a_redirect_to_another_host_takes_no_credentials_along() {
    let store = ScriptedRegistry::start();
    let bytes = noise(SIZE);
    store.put_blob(&bytes);
    let registry = ScriptedRegistry::with(|faults| {
        faults.redirect_blobs = Some(store.host());
        faults.auth = Some(support_auth());
    });
    registry.put_blob(&bytes);
    assert!(Client::new().pull(&registry, &layer(&bytes)).unwrap() == bytes);
    assert!(registry.counts().requests.iter().any(|request| request.authorization.starts_with("Bearer ")));
    assert!(!store.counts().requests.is_empty());
    assert!(store.counts().requests.iter().all(|request| request.authorization.is_empty()));
}

fn support_auth() -> containr_testkit::registry::Auth {
    containr_testkit::registry::Auth::Token { pair: None, refresh: None, field: "token" }
}

#[test]
fn a_cut_behind_a_redirect_resumes() {
    let store = ScriptedRegistry::with(|faults| faults.cut_download_once = Some((SIZE / 2) as u64));
    let bytes = noise(SIZE);
    store.put_blob(&bytes);
    let registry = ScriptedRegistry::with(|faults| faults.redirect_blobs = Some(store.host()));
    assert!(Client::new().pull(&registry, &layer(&bytes)).unwrap() == bytes);
    assert_little_was_moved(store.counts().sent_bytes, SIZE);
}

#[test]
fn no_head_on_pull() {
    for status in [404, 405] {
        let registry = ScriptedRegistry::with(|faults| faults.head = Head::Fails(status));
        let bytes = noise(1000);
        registry.put_blob(&bytes);
        registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
        let client = Client::new();
        let reference = image(&registry, "a/app:1");
        assert_eq!(client.registries.current(&reference, &client.context()).unwrap(), None);
        assert_eq!(client.registries.resolve(&reference, &client.context()).unwrap().bytes, manifest());
        assert_eq!(client.pull(&registry, &layer(&bytes)).unwrap(), bytes);
    }
}

#[test]
fn head_tells_what_a_tag_points_to() {
    let registry = ScriptedRegistry::start();
    let digest = registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
    let client = Client::new();
    let current = client.registries.current(&image(&registry, "a/app:1"), &client.context()).unwrap();
    assert_eq!(current, Some(digest));
    assert_eq!(registry.counts().of("GET", "/manifests/"), 0);
}

#[test]
fn tags_are_listed_over_all_pages() {
    let registry = ScriptedRegistry::start();
    for tag in ["3", "1", "2", "latest", "edge"] {
        registry.put_manifest("a/app", tag, media::MANIFEST, manifest());
    }
    registry.put_manifest("a/other", "0", media::MANIFEST, manifest());
    let client = Client::new();
    let tags = client.registries.tags(&image(&registry, "a/app:1"), &client.context()).unwrap();
    assert_eq!(tags, ["1", "2", "3", "edge", "latest"]);
    assert_eq!(registry.counts().of("GET", "/tags/list"), 3);
}

#[test]
fn busy_answers_are_waited_for_as_told() {
    let date = httpdate(1_000_000_000 + 7);
    for (status, retry_after, expected) in
        [(429, Some("2".to_owned()), 2.0), (429, Some(date), 7.0), (503, None, 0.25), (500, None, 0.25)]
    {
        let registry = ScriptedRegistry::with(|faults| {
            faults.busy = Some(Busy { status, retry_after, times_per_verb: 1 });
        });
        registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
        let client = Client::new();
        client.registries.resolve(&image(&registry, "a/app:1"), &client.context()).unwrap();
        assert_eq!(client.pace.waits(), [Duration::from_secs_f64(expected)]);
    }
}

/// Returns a date of 2001-09-09 in the form of RFC 9110.
fn httpdate(seconds: u64) -> String {
    let left = seconds - 1_000_000_000;
    format!("Sun, 09 Sep 2001 01:46:{:02} GMT", 40 + left)
}

#[test]
fn a_wait_longer_than_allowed_is_an_error_at_once() {
    let registry = ScriptedRegistry::with(|faults| {
        faults.busy = Some(Busy { status: 429, retry_after: Some("7200".to_owned()), times_per_verb: 1 });
    });
    let client = Client::new();
    let error = client.registries.resolve(&image(&registry, "a/app:1"), &client.context()).unwrap_err();
    assert!(matches!(error, RegistryError::Status { status: 429, .. }), "{error}");
    assert!(error.to_string().ends_with("answers 429 TOOMANYREQUESTS: scripted"), "{error}");
    assert!(client.pace.waits().is_empty());
}

#[test]
fn a_server_that_stays_busy_is_given_up_after_six_tries() {
    let registry = ScriptedRegistry::with(|faults| {
        faults.busy = Some(Busy { status: 503, retry_after: None, times_per_verb: 100 });
    });
    let client = Client::new();
    let error = client.registries.resolve(&image(&registry, "a/app:1"), &client.context()).unwrap_err();
    assert!(matches!(error, RegistryError::Status { status: 503, .. }));
    assert_eq!(registry.counts().requests.len(), 6);
    let seconds: Vec<f64> = client.pace.waits().iter().map(Duration::as_secs_f64).collect();
    assert_eq!(seconds, [0.25, 0.5, 1.0, 2.0, 4.0]);
}

#[test]
fn a_dead_registry_and_a_missing_image_are_different_errors() {
    let registry = ScriptedRegistry::start();
    let reference = image(&registry, "a/none:1");
    let client = Client::new();
    let error = client.registries.resolve(&reference, &client.context()).unwrap_err();
    assert!(matches!(error, RegistryError::NotFound { .. }), "{error}");
    drop(registry);
    let error = client.registries.resolve(&reference, &client.context()).unwrap_err();
    assert!(matches!(error, RegistryError::Http { .. }), "{error}");
    assert_eq!(client.pace.waits().len(), 2, "who refuses connections is tried three times in all");
}

#[test]
fn a_set_token_ends_a_pull() {
    let registry = ScriptedRegistry::start();
    let bytes = noise(SIZE);
    registry.put_blob(&bytes);
    let client = Client::new();
    let context = client.context();
    let mut reader = client.registries.blob(&image(&registry, "a/app:1"), &layer(&bytes), &context).unwrap();
    client.cancel.cancel();
    let error = std::io::copy(&mut reader, &mut std::io::sink()).unwrap_err();
    assert!(matches!(error.downcast::<RegistryError>().unwrap(), RegistryError::Cancelled));
}

#[test]
fn several_threads_pull_at_once() {
    let registry = ScriptedRegistry::with(|faults| faults.cut_download_every = Some(300_000));
    let blobs: Vec<Vec<u8>> = (1..5).map(|n| noise(n * 250_000)).collect();
    for bytes in &blobs {
        registry.put_blob(bytes);
    }
    let client = Client::new();
    std::thread::scope(|scope| {
        for bytes in &blobs {
            let (client, registry) = (&client, &registry);
            scope.spawn(move || assert!(client.pull(registry, &layer(bytes)).unwrap() == *bytes));
        }
    });
}
