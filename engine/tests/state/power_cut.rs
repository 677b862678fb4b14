//! What another boot wrote and nobody synced: whole things count again after a look, torn ones are made or fetched again.

use std::fs;

use containr_engine::{LoadSource, PullPolicy};
use containr_progress::{Cancel, Silent};
use containr_testkit::registry::ScriptedRegistry;

use crate::place::{Place, archive, build};

const TEXT: &str = "FROM scratch\nCOPY small /small\nCOPY large /large\n";

fn clock() -> i64 {
    1_700_000_000
}

/// Returns a place whose image `t` was built by the boot `first`, and the tar of its tree.
fn built() -> Option<(Place, Vec<u8>)> {
    let place = Place::new()?;
    place.file("small", "x");
    place.file("large", &"0123456789".repeat(5000));
    let engine = place.engine("first", clock);
    build(&engine, &place, TEXT).unwrap();
    let tree = place.tar(&engine, "t");
    Some((place, tree))
}

/// Cuts a file of the committed trees off, as a power cut does with bytes that were still in memory.
fn tear(place: &Place, name: &str) {
    let trees =
        fs::read_dir(place.path("state/deltas-1")).unwrap().map(|entry| entry.unwrap().path().join("fs").join(name));
    let found: Vec<_> = trees.filter(|path| path.exists()).collect();
    assert!(!found.is_empty(), "no tree has {name}");
    for path in found {
        fs::write(path, "").unwrap();
    }
}

#[test]
fn an_image_whose_trees_are_whole_is_usable_after_a_cut() {
    let Some((place, tree)) = built() else { return };
    assert!(place.tar(&place.engine("second", clock), "t") == tree);
    let engine = place.engine("second", clock);
    engine.settle();
    assert!(place.tar(&place.engine("third", clock), "t") == tree, "what was looked at and synced counts");
}

#[test]
fn a_torn_tree_is_no_empty_layer() {
    let Some((place, _)) = built() else { return };
    tear(&place, "small");
    let engine = place.engine("second", clock);
    let error = engine
        .save(&["t".to_owned()], &archive(place.path("o.tar")), &Silent, &Cancel::new())
        .expect_err("a layer is lost");
    assert!(error.to_string().contains("is not in the local store"), "{error}");
    engine.prune(containr_engine::PruneRequest::Leftovers).unwrap();
    let engine = place.engine("second", clock);
    engine.export("t", &containr_engine::Destination::Path(place.path("x.tar")), &Silent, &Cancel::new()).unwrap_err();
}

#[test]
fn a_build_after_the_cut_makes_what_was_torn() {
    let Some((place, tree)) = built() else { return };
    tear(&place, "small");
    let engine = place.engine("second", clock);
    build(&engine, &place, TEXT).unwrap();
    assert!(place.tar(&engine, "t") == tree);
}

#[test]
fn a_torn_pulled_layer_is_fetched_again() {
    let Some((place, tree)) = built() else { return };
    let registry = ScriptedRegistry::start();
    let name = format!("{}/app:1", registry.host());
    let push = |engine: &containr_engine::Engine| {
        engine.push("t", &name, containr_engine::CompressionChoice::default(), (&Silent, &Cancel::new())).unwrap()
    };
    push(&place.engine("first", clock));
    let other = Place::new().unwrap();
    other.engine("first", clock).pull((&name, None), PullPolicy::Missing, &Silent, &Cancel::new()).unwrap();
    tear(&other, "large");
    // The blobs were still in memory, too.
    for blob in fs::read_dir(other.path("state/blobs/sha256")).unwrap() {
        let path = blob.unwrap().path();
        if fs::read(&path).unwrap().starts_with(b"\x1f\x8b") {
            fs::write(path, "").unwrap();
        }
    }
    assert!(other.tar(&other.engine("second", clock), &name) == tree);
}

#[test]
fn a_loaded_archive_whose_tree_was_never_made_is_unpacked_after_a_cut() {
    let Some((place, tree)) = built() else { return };
    let path = place.path("o.tar");
    place.engine("first", clock).save(&["t".to_owned()], &archive(path.clone()), &Silent, &Cancel::new()).unwrap();
    let other = Place::new().unwrap();
    other.engine("first", clock).load(&LoadSource::Path(path), &Silent, &Cancel::new()).unwrap();
    assert!(other.tar(&other.engine("second", clock), "t") == tree);
}
