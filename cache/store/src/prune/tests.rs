//! What the collector takes and what it must leave.

use std::fs;
use std::io::Write as _;

use containr_oci::{Descriptor, ImageConfig, Manifest, Reference, RootFs, canonical, media};

use super::*;
use crate::result::tests::row_with_delta;
use crate::root::tests::store_at;
use crate::{ImageRow, LayerRow, ResultRow};

const EVERYTHING: PrunePolicy =
    PrunePolicy { unused_for: None, keep_bytes: None, images: ImageScope::Keep, busy: WhenBusy::Refuse };

fn prune(store: &Store, policy: &PrunePolicy) -> Pruned {
    store.prune(policy, &Cancel::new(), &mut || {}).unwrap()
}

fn has(store: &Store, delta: Option<&DeltaId>) -> bool {
    store.has_delta(delta.unwrap())
}

/// Tags an image of one layer that a result made, with a compressed blob, and returns the result.
fn built_image(store: &Store) -> (ResultRow, Digest) {
    let diff_id = Digest::of(b"tar");
    let row = ResultRow { diff_id: Some(diff_id), ..row_with_delta(store, 1, 1) };
    store.record(&row).unwrap();
    store.add_layer(&LayerRow { diff_id, delta: row.delta.clone(), size: 10 }).unwrap();
    let blob = store.put_blob(b"compressed").unwrap();
    store.add_layer_blob(&diff_id, "gzip-6-v1", &Descriptor::new(media::LAYER_GZIP, blob, 10)).unwrap();
    let config = ImageConfig {
        rootfs: RootFs { diff_ids: vec![diff_id], ..RootFs::default() },
        ..serde_json::from_str("{}").unwrap()
    };
    let config_bytes = canonical(&config);
    let config = store.put_blob(&config_bytes).unwrap();
    let manifest = canonical(&Manifest::oci(Descriptor::of(media::CONFIG, &config_bytes), Vec::new()));
    store.put_blob(&manifest).unwrap();
    let manifest = Some(Descriptor::of(media::MANIFEST, &manifest));
    let image = ImageRow { config, manifest, source: None, annotations: [].into(), created: 1 };
    store.tag(&"app".parse::<Reference>().unwrap(), &image).unwrap();
    (row, blob)
}

#[test]
fn an_image_keeps_its_layers_without_the_results() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_at(dir.path(), "b");
    let (row, blob) = built_image(&store);
    let loose = row_with_delta(&store, 2, 2);
    store.record(&loose).unwrap();
    store.put_blob(b"loose").unwrap();
    let pruned = prune(&store, &EVERYTHING);
    assert_eq!((pruned.results, pruned.layers, pruned.deltas, pruned.blobs), (2, 0, 1, 1));
    assert!(has(&store, row.delta.as_ref()) && !has(&store, loose.delta.as_ref()));
    assert_eq!(store.layer_blobs(&row.diff_id.unwrap()).unwrap().len(), 1);
    assert!(store.has_blob(&blob).unwrap().is_some());
    let all = prune(&store, &PrunePolicy { images: ImageScope::All, ..EVERYTHING });
    assert_eq!((all.images, all.layers, all.deltas, all.blobs), (1, 1, 1, 3));
    assert!(all.bytes > 0 && all.left == 0);
    let usage = store.usage().unwrap();
    assert_eq!((usage.blobs.count, usage.deltas.count, usage.trash.count), (0, 0, 0));
}

#[test]
fn one_collection_takes_results_and_their_layers() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_at(dir.path(), "b");
    built_image(&store);
    fs::create_dir_all(store.caches_dir().join("one")).unwrap();
    prune(&store, &EVERYTHING);
    assert_eq!(store.usage().unwrap().caches.count, 1, "what steps keep for each other is no result");
    let (row, _) = built_image(&store);
    let all = prune(&store, &PrunePolicy { images: ImageScope::All, ..EVERYTHING });
    assert_eq!((all.images, all.results, all.layers), (1, 1, 1));
    assert!(!has(&store, row.delta.as_ref()));
    let usage = store.usage().unwrap();
    assert_eq!((usage.blobs.count, usage.deltas.count, usage.caches.count, usage.trash.count), (0, 0, 0, 0));
}

#[test]
fn the_last_used_results_stay_within_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_at(dir.path(), "b");
    let rows: Vec<ResultRow> = (1..=3).map(|n| ResultRow { bytes: 100, ..row_with_delta(&store, n, n) }).collect();
    for (used, row) in [10, 30, 20].into_iter().zip(&rows) {
        store.record(row).unwrap();
        let text = "UPDATE results SET used = ?2 WHERE key = ?1";
        store.index.lock().execute(text, rusqlite::params![row.key.0, used]).unwrap();
    }
    prune(&store, &PrunePolicy { keep_bytes: Some(250), ..EVERYTHING });
    let left: Vec<bool> = rows.iter().map(|row| has(&store, row.delta.as_ref())).collect();
    assert_eq!(left, [false, true, true]);
    prune(&store, &PrunePolicy { unused_for: Some(1_000_000 - 25), ..EVERYTHING });
    let left: Vec<bool> = rows.iter().map(|row| has(&store, row.delta.as_ref())).collect();
    assert_eq!(left, [false, true, false]);
}

#[test]
fn a_lease_on_everything_stops_the_collector() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_at(dir.path(), "b");
    let lease = store.lease().unwrap();
    let refused = store.prune(&EVERYTHING, &Cancel::new(), &mut || {});
    assert!(matches!(refused, Err(StoreError::InUse(1))));
    let cancel = Cancel::new();
    let waiting = PrunePolicy { busy: WhenBusy::Wait, ..EVERYTHING };
    let cancelled = store.prune(&waiting, &cancel, &mut || cancel.cancel());
    assert!(matches!(cancelled, Err(StoreError::Cancelled(_))));
    drop(lease);
    prune(&store, &EVERYTHING);
}

#[test]
fn a_narrowed_lease_keeps_what_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_at(dir.path(), "b");
    let (held, loose) = (row_with_delta(&store, 1, 1), row_with_delta(&store, 2, 2));
    let (held_blob, loose_blob) = (store.put_blob(b"held").unwrap(), store.put_blob(b"loose").unwrap());
    let mut lease = store.lease().unwrap();
    lease.narrow(&[held.delta.clone().unwrap()], &[held_blob]).unwrap();
    prune(&store, &EVERYTHING);
    assert!(has(&store, held.delta.as_ref()) && !has(&store, loose.delta.as_ref()));
    assert_eq!(store.has_blob(&held_blob).unwrap(), Some(4));
    assert_eq!(store.has_blob(&loose_blob).unwrap(), None);
}

#[test]
fn work_of_the_living_stays_and_of_the_dead_goes() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_at(dir.path(), "b");
    let (dead, alive) = (store.work_dir().join("dead"), store.work_dir().join("alive"));
    fs::create_dir(&dead).unwrap();
    fs::create_dir(&alive).unwrap();
    let _lock = FileLock::try_alone(fs::File::open(&alive).unwrap()).unwrap().unwrap();
    fs::write(dir.path().join("ingest/dead"), "x").unwrap();
    let mut ingest = store.ingest().unwrap();
    ingest.write_all(b"alive").unwrap();
    prune(&store, &EVERYTHING);
    assert!(alive.exists() && !dead.exists() && !dir.path().join("ingest/dead").exists());
    let (digest, _) = ingest.commit(None).unwrap();
    assert!(store.has_blob(&digest).unwrap().is_some());
}

#[test]
fn torn_rows_of_another_boot_go() {
    let dir = tempfile::tempdir().unwrap();
    let before = store_at(dir.path(), "first");
    let row = row_with_delta(&before, 1, 1);
    before.record(&row).unwrap();
    let layer = LayerRow { diff_id: Digest::of(b"tar"), delta: row_with_delta(&before, 2, 2).delta, size: 1 };
    before.add_layer(&layer).unwrap();
    let store = store_at(dir.path(), "second");
    let pruned = prune(&store, &PrunePolicy { keep_bytes: Some(u64::MAX), ..EVERYTHING });
    assert_eq!((pruned.results, pruned.layers, pruned.deltas), (1, 0, 2));
}

#[test]
fn old_digest_caches_go() {
    let dir = tempfile::tempdir().unwrap();
    let store = store_at(dir.path(), "b");
    let cache = store.contexts_dir().join("c");
    fs::write(&cache, "x").unwrap();
    prune(&store, &PrunePolicy { keep_bytes: Some(u64::MAX), ..EVERYTHING });
    assert!(cache.exists());
    prune(&store, &EVERYTHING);
    assert!(!cache.exists());
}
