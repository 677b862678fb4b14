//! Blobs that were damaged on the disk: found before anybody gets them, told, and made or fetched again.

use std::fs;
use std::path::{Path, PathBuf};

use containr_testkit::registry::ScriptedRegistry;

use crate::place::{Place, Told, says};

/// Three layers, the last one of its own making.
const TEXT: &str = "FROM base\nRUN seq 5000 > /numbers\nRUN echo x > /one\n";

/// Returns the blobs of a state whose content passes.
fn blobs(state: &Path, which: impl Fn(&[u8]) -> bool) -> Vec<PathBuf> {
    let all = fs::read_dir(state.join("blobs/sha256")).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| which(&fs::read(path).unwrap())).collect()
}

/// Flips a bit in the middle of each blob of a kind and returns how many there were.
#[track_caller]
fn damage(state: &Path, which: impl Fn(&[u8]) -> bool) -> usize {
    let found = blobs(state, which);
    assert!(!found.is_empty(), "there is nothing to damage");
    for path in &found {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    }
    found.len()
}

fn layer(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b")
}

fn config(bytes: &[u8]) -> bool {
    bytes.windows(8).any(|part| part == b"diff_ids")
}

fn anything(_: &[u8]) -> bool {
    true
}

/// Insists that so many damaged blobs were told.
#[track_caller]
fn tells(told: &Told, count: usize) {
    assert_eq!(told.stderr.matches("was damaged on disk").count(), count, "{}", told.stderr);
}

/// Pushes the image of [`TEXT`] and returns registry, name and digest.
fn pushed(place: &Place) -> (ScriptedRegistry, String, String) {
    let registry = ScriptedRegistry::start();
    let name = format!("{}/team/app:1", registry.host());
    place.build(TEXT, &["-t", &name]).ok();
    let digest = place.containr(&["push", &name]).ok().stdout.trim().to_owned();
    assert_eq!(registry.tag("team/app", "1").unwrap().to_string(), digest);
    (registry, name, digest)
}

#[test]
fn archives_are_made_of_whole_blobs() {
    let Some(place) = Place::new() else { return };
    place.build(TEXT, &[]).ok();
    let state = place.path("state");
    place.containr(&["save", "-o", "whole.tar", "t"]).ok();
    let whole = fs::read(place.path("whole.tar")).unwrap();
    let count = damage(&state, layer);
    let told = place.containr(&["save", "-o", "again.tar", "t"]).ok();
    tells(&told, count);
    assert!(fs::read(place.path("again.tar")).unwrap() == whole, "the file");
    let count = damage(&state, layer);
    let output = place.command(&["save", "t"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && output.stdout == whole, "the stream: {stderr}");
    assert_eq!(stderr.matches("was damaged on disk").count(), count, "{stderr}");
    damage(&state, layer);
    let output = place.command(&["build", "-q", "-t", "t", "-o", "type=docker,dest=-", "ctx"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && output.stdout == whole, "the build's stream: {stderr}");
}

#[test]
fn a_push_sends_whole_blobs() {
    let Some(place) = Place::new() else { return };
    let (_first, name, digest) = pushed(&place);
    let count = damage(&place.path("state"), layer);
    let second = ScriptedRegistry::start();
    let target = format!("{}/team/app:1", second.host());
    let told = place.containr(&["push", &name, &target]).ok();
    assert_eq!(told.stdout.trim(), digest);
    tells(&told, count);
    let told = place.containr(&["--root", "other", "run", &target, "cat", "/one"]).ok();
    assert_eq!(told.stdout, "x\n");
}

#[test]
fn what_a_registry_has_is_fetched_again() {
    let Some(place) = Place::new() else { return };
    let (_registry, name, digest) = pushed(&place);
    let other = place.path("other");
    let there = |arguments: &[&str]| place.containr(&[&["--root", "other"], arguments].concat());
    there(&["pull", &name]).ok();
    there(&["save", "-o", "whole.tar", &name]).ok();
    damage(&other, anything);
    there(&["save", "-o", "again.tar", &name]).ok();
    assert!(fs::read(place.path("whole.tar")).unwrap() == fs::read(place.path("again.tar")).unwrap());
    damage(&other, anything);
    assert_eq!(there(&["push", &name]).ok().stdout.trim(), digest, "the manifest is the one that people know");
    damage(&other, config);
    let told = there(&["run", &name, "cat", "/one"]).ok();
    assert_eq!(told.stdout, "x\n");
    tells(&told, 1);
    damage(&other, config);
    place.file("Dockerfile", format!("FROM {name}\nRUN cp /one /two\n"));
    there(&["build", "-t", "on-it", "ctx"]).ok();
    damage(&other, layer);
    for tree in fs::read_dir(other.join("deltas-1")).unwrap() {
        fs::remove_dir_all(tree.unwrap().path()).unwrap();
    }
    assert_eq!(there(&["run", &name, "cat", "/one"]).ok().stdout, "x\n");
    assert_eq!(there(&["export", "-o", "tree.tar", &name]).ok().code, Some(0));
}

#[test]
fn what_nobody_has_is_named() {
    let Some(place) = Place::new() else { return };
    place.containr(&["save", "-o", "base.tar", "base"]).ok();
    let other = place.path("other");
    let there = |arguments: &[&str]| place.containr(&[&["--root", "other"], arguments].concat());
    there(&["load", "-i", "base.tar"]).ok();
    let lost = blobs(&other, config).remove(0).file_name().unwrap().to_str().unwrap().to_owned();
    damage(&other, config);
    let blob = format!(" cannot be used: its blob sha256:{lost} is damaged or gone");
    says(&there(&["run", "base", "true"]).fails(125), &[&blob, "hint: build or load the image again"]);
    says(&there(&["save", "-o", "x.tar", "base"]).fails(1), &[&blob]);
    assert!(!place.path("x.tar").exists());
    place.file("Dockerfile", "FROM base\nRUN true\n");
    says(&there(&["build", "ctx"]).fails(1), &[&blob, "Dockerfile:1:6"]);
    there(&["load", "-i", "base.tar"]).ok();
    there(&["run", "base", "true"]).ok();
    damage(&other, layer);
    for tree in fs::read_dir(other.join("deltas-1")).unwrap() {
        fs::remove_dir_all(tree.unwrap().path()).unwrap();
    }
    let shown = there(&["run", "base", "true"]).fails(125);
    says(&shown, &["layer sha256:", "is not in the local store, and no registry is known to have it"]);
}
