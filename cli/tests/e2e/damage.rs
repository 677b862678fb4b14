//! A store that somebody has damaged, and several builds that use it at once.

use std::fs;
use std::process::Stdio;

use crate::place::Place;

/// Returns the files of a directory of the state.
fn files(place: &Place, directory: &str) -> Vec<std::path::PathBuf> {
    fs::read_dir(place.path("state").join(directory)).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_missing_tree_is_built_again() {
    let Some(place) = Place::new() else { return };
    let text = "FROM base\nRUN echo x > /one\nRUN echo y > /two\n";
    place.build(text, &[]).ok();
    for delta in files(&place, "deltas-1") {
        if delta.join("fs/one").exists() {
            fs::remove_dir_all(delta).unwrap();
        }
    }
    place.build(text, &[]).ok();
    assert_eq!(place.sh("t", "cat /one /two"), "x\ny\n");
}

#[test]
fn a_corrupt_layer_blob_is_made_again() {
    let Some(place) = Place::new() else { return };
    place.build("FROM base\nRUN echo x > /one\n", &["-o", "type=oci,dest=o.tar"]).ok();
    for blob in files(&place, "blobs/sha256") {
        let mut bytes = fs::read(&blob).unwrap();
        if bytes.starts_with(b"\x1f\x8b") {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(&blob, bytes).unwrap();
        }
    }
    place.build("FROM base\nRUN echo x > /one\n", &["-o", "type=oci,dest=again.tar"]).ok();
    assert!(fs::read(place.path("o.tar")).unwrap() == fs::read(place.path("again.tar")).unwrap(), "the same archive");
}

#[test]
fn a_corrupt_config_is_not_believed() {
    let Some(place) = Place::new() else { return };
    place.build("FROM base\nENV A=1\n", &["--iidfile", "iid"]).ok();
    let id = fs::read_to_string(place.path("iid")).unwrap();
    let config = place.path("state/blobs/sha256").join(id.strip_prefix("sha256:").unwrap());
    let text = fs::read_to_string(&config).unwrap().replace("A=1", "A=2");
    fs::write(&config, text).unwrap();
    let told = place.containr(&["run", "--pull", "never", "t", "env"]);
    assert_ne!(told.code, Some(0), "{}", told.stdout);
    place.build("FROM base\nENV A=1\n", &[]).ok();
    assert!(place.sh("t", "env").contains("A=1"));
}

#[test]
fn two_builds_at_once_share_their_work() {
    let Some(place) = Place::new() else { return };
    place.file("Dockerfile", "FROM base\nRUN sleep 1; head -c 16 /dev/urandom > /r\nRUN cp /r /copy\n");
    let start = |tag: &str| {
        let mut command = place.command(&["build", "--progress=plain", "-t", tag, "ctx"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let (one, two) = (start("one"), start("two"));
    for child in [one, two] {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let read = |tag| place.containr(&["run", tag, "cmp", "/r", "/copy"]).ok();
    read("one");
    read("two");
    let id = |tag: &str| place.containr(&["images", "--format", "json"]).ok().stdout.matches(tag).count();
    assert_eq!((id("one"), id("two")), (1, 1));
    let content = |tag| place.containr(&["run", tag, "cat", "/r"]).ok().stdout;
    assert_eq!(content("one"), content("two"), "the step ran once");
}
