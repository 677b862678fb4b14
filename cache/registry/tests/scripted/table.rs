//! Bytes moved past each fault, against the size of one layer of 64 MiB: the column of ours in `docs/benchmarks.md`.
//!
//! `cargo xtask accept faults` shows the rows; each of them is an assertion, too.

use std::sync::OnceLock;
use std::time::Duration;

use containr_oci::{Digest, media};
use containr_registry::Pushed;
use containr_testkit::registry::{Auth, Busy, Corruption, Faults, Head, LocationForm, Revocation, ScriptedRegistry};

use crate::support::{Client, image, layer, manifest, noise};

const SIZE: usize = 64 << 20;

/// Bytes that went over the wire, as a part of the layer's size.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
struct Moved(f64);

/// The layer, made once for all rows.
fn bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| noise(SIZE))
}

fn moved(bytes: u64) -> Moved {
    Moved(bytes as f64 / SIZE as f64)
}

/// Pulls the layer; it must arrive.
fn pull(set: impl FnOnce(&mut Faults)) -> Moved {
    let client = Client::impatient();
    let registry = ScriptedRegistry::with(set);
    registry.put_blob(bytes());
    assert!(client.pull(&registry, &layer(bytes())).unwrap() == bytes());
    moved(registry.counts().sent_bytes)
}

/// Pushes the layer and its manifest; both must arrive.
fn push(set: impl FnOnce(&mut Faults)) -> Moved {
    let client = Client::impatient();
    let registry = ScriptedRegistry::with(set);
    assert_eq!(client.push(&registry, bytes()).unwrap(), Pushed::Uploaded);
    assert!(*registry.blob(&Digest::of(bytes())).unwrap() == *bytes());
    let target = image(&registry, "a/app:1");
    client.registries.push_manifest(&target, media::MANIFEST, manifest(), &client.context()).unwrap();
    moved(registry.counts().received_bytes)
}

fn percent(of: u64) -> u64 {
    SIZE as u64 * of / 100
}

fn anyone() -> Option<Auth> {
    Some(Auth::Token { pair: None, refresh: None, field: "token" })
}

/// Shows a row and holds its figures to the limit.
#[track_caller]
fn row(fault: &str, figures: &[Moved], most: f64) {
    let shown: Vec<String> = figures.iter().map(|figure| format!("x{:.2}", figure.0)).collect();
    println!("| {fault} | {} |", shown.join(" / "));
    for figure in figures {
        assert!((1.0..=most).contains(&figure.0), "{fault}: {figure:?}");
    }
}

#[test]
fn cuts_of_a_pull() {
    let cut = |at| pull(|faults| faults.cut_download_once = Some(percent(at)));
    row("pull cut once at 10 / 50 / 90 %", &[cut(10), cut(50), cut(90)], 1.2);
    row("pull cut at every 30 %", &[pull(|faults| faults.cut_download_every = Some(percent(30)))], 1.2);
    let without_range = pull(|faults| {
        faults.ignore_range = true;
        faults.cut_download_once = Some(percent(30));
    });
    row("pull cut once at 30 %, server without Range", &[without_range], 1.31);
    row("pull: a stall at half", &[pull(|faults| faults.stall_download_once = Some(percent(50)))], 1.2);
}

#[test]
fn cuts_of_a_push() {
    let cut = |at| push(|faults| faults.cut_upload_once = Some(percent(at)));
    row("push cut at 10 / 50 / 90 %", &[cut(10), cut(50), cut(90)], 1.2);
    row("push cut at every 30 %", &[push(|faults| faults.cut_upload_every = Some(percent(30)))], 1.2);
    let forgotten = push(|faults| {
        faults.lose_cut_uploads = true;
        faults.cut_upload_once = Some(percent(50));
    });
    row("push cut at half, server forgets the upload", &[forgotten], 1.51);
    row("push: a stall at half", &[push(|faults| faults.stall_upload_once = Some(percent(50)))], 1.2);
}

#[test]
fn tokens_that_die() {
    let dying = |revocation| {
        push(|faults| {
            faults.auth = anyone();
            faults.revocation = Some(revocation);
        })
    };
    let between = pull(|faults| {
        faults.auth = anyone();
        faults.revocation = Some(Revocation::BetweenBlobs);
    });
    let figures =
        [between, dying(Revocation::AtCommit), dying(Revocation::InBody(percent(50))), dying(Revocation::AtManifest)];
    row("token expires between blobs / at PUT / in mid-PATCH / at manifest", &figures, 1.2);
}

#[test]
fn registries_of_other_manners() {
    let store = ScriptedRegistry::start();
    store.put_blob(bytes());
    let registry = ScriptedRegistry::with(|faults| faults.redirect_blobs = Some(store.host()));
    registry.put_blob(bytes());
    assert!(Client::new().pull(&registry, &layer(bytes())).unwrap() == bytes());
    row("307 to another host", &[moved(store.counts().sent_bytes)], 1.0);
    let head = |status| pull(|faults| faults.head = Head::Fails(status));
    row("pull: no HEAD (405 / 404)", &[head(405), head(404)], 1.0);
    let head = |status| push(|faults| faults.head = Head::Fails(status));
    row("push: no HEAD (405 / 404)", &[head(405), head(404)], 1.0);
    let location = |form| push(|faults| faults.location = form);
    let figures = [location(LocationForm::Path), location(LocationForm::Relative)];
    row("relative Location, with and without path", &figures, 1.0);
}

#[test]
fn busy_registries() {
    for (fault, status, retry_after, wait) in [
        ("429 with Retry-After 2, twice: pull / push", 429, Some("2"), 2.0),
        ("503 twice: pull / push", 503, None, 0.25),
    ] {
        let busy = Some(Busy { status, retry_after: retry_after.map(str::to_owned), times_per_verb: 2 });
        let client = Client::new();
        let registry = ScriptedRegistry::with(|faults| faults.busy.clone_from(&busy));
        registry.put_blob(bytes());
        assert!(client.pull(&registry, &layer(bytes())).unwrap() == bytes());
        assert_eq!(client.pace.waits()[0], Duration::from_secs_f64(wait), "{fault}");
        row(fault, &[moved(registry.counts().sent_bytes), push(|faults| faults.busy = busy)], 1.2);
    }
}

#[test]
fn wrong_bytes() {
    for (fault, corruption, good, times) in [
        ("flipped bit in a layer, once", Corruption::Once, true, 2.0),
        ("flipped bit in a layer, every time", Corruption::Always, false, 2.0),
    ] {
        let registry = ScriptedRegistry::with(|faults| faults.corruption = corruption);
        registry.put_blob(bytes());
        let client = Client::new();
        let mut sink = std::io::Cursor::new(Vec::new());
        let reference = image(&registry, "a/app:1");
        let fetched = client.registries.fetch_blob_to(&reference, &layer(bytes()), &mut sink, &client.context());
        assert_eq!(fetched.is_ok(), good, "{fault}");
        assert!(!good || sink.into_inner() == bytes());
        let figure = moved(registry.counts().sent_bytes);
        println!("| {fault} | {}, x{:.2} |", if good { "fetched again" } else { "refused" }, figure.0);
        assert!(figure <= Moved(times), "{fault}: {figure:?}");
    }
    let registry = ScriptedRegistry::with(|faults| faults.manifest_bytes = Some([manifest(), b" "].concat()));
    let digest = registry.put_manifest("a/app", "1", media::MANIFEST, manifest());
    let client = Client::new();
    for reference in [image(&registry, "a/app:1"), image(&registry, "a/app:1").with_digest(digest)] {
        assert!(client.registries.resolve(&reference, &client.context()).unwrap_err().is_corrupt());
    }
    println!("| manifest that is no longer what its digest says | refused |");
}
