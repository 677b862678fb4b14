//! `images`, `tag`, `rmi`, `inspect`, `du`, `prune`.

use std::fs;

use crate::place::{Place, says};

#[test]
fn names_come_and_go() {
    let Some(place) = Place::new() else { return };
    place.containr(&["tag", "base", "registry.example/team/app:1"]).ok();
    says(&place.containr(&["images"]).ok().stdout, &["base", "registry.example/team/app:1"]);
    let list: serde_json::Value =
        serde_json::from_str(&place.containr(&["images", "--format", "json"]).ok().stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2);
    place.containr(&["rmi", "base"]).ok();
    place.containr(&["run", "--pull", "never", "base", "true"]).fails(125);
    place.containr(&["run", "registry.example/team/app:1", "true"]).ok();
    says(&place.containr(&["rmi", "base"]).fails(1), &["base"]);
    place.containr(&["rmi", "-f", "base"]).ok();
    says(&place.containr(&["tag", "base", "x"]).fails(1), &["image `base` is not in the local store", "hint: "]);
    says(&place.containr(&["inspect", "base"]).fails(1), &["image `base` is not in the local store"]);
}

#[test]
fn everything_pruned_leaves_nothing() {
    let Some(place) = Place::new() else { return };
    place.file("file", "x");
    place.build("FROM base\nCOPY file /\nRUN echo y > /y\n", &["-o", "type=oci,dest=o.tar"]).ok();
    says(&place.containr(&["du"]).ok().stdout, &["images", "trees", "blobs"]);
    place.containr(&["prune"]).ok();
    assert_eq!(place.sh("t", "cat /file /y"), "xy\n", "what has a name stays");
    place.containr(&["prune", "--all"]).ok();
    for directory in ["blobs/sha256", "deltas-1", "work-1", "contexts-1", "leases", "trash", "ingest", "keys"] {
        let left: Vec<_> = fs::read_dir(place.path("state").join(directory)).unwrap().collect();
        assert!(left.is_empty(), "{directory}: {left:?}");
    }
}
