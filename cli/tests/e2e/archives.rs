//! `save`, `load`, `export`, `import`.

use std::process::Command;

use crate::place::{Place, says};

#[test]
fn archives_travel_between_states() {
    let Some(place) = Place::new() else { return };
    place.build("FROM base\nRUN echo x > /file && ln -s file /link\nENV A=1\n", &[]).ok();
    let id = |root: &str| place.containr(&["--root", root, "images", "-q", "--no-trunc"]).ok().stdout;
    for format in ["docker-archive", "oci-archive", "oci-dir"] {
        place.containr(&["save", "--format", format, "-o", format, "t"]).ok();
        let root = format!("{format}-state");
        place.containr(&["--root", &root, "load", "-i", format]).ok();
        let told = place.containr(&["--root", &root, "run", "t", "sh", "-c", "cat /link; echo $A"]).ok();
        assert_eq!(told.stdout, "x\n1\n", "{format}");
        assert!(id("state").contains(id(&root).trim()), "{format}: the same image");
    }
}

#[test]
fn a_tree_goes_out_and_comes_back() {
    let Some(place) = Place::new() else { return };
    place.containr(&["export", "-o", "tree.tar", "base"]).ok();
    place.containr(&["import", "tree.tar", "again"]).ok();
    assert_eq!(place.containr(&["run", "again", "cat", "/etc/group"]).ok().stdout, place.sh("base", "cat /etc/group"));
}

#[test]
fn garbage_is_refused_and_leaves_nothing() {
    let Some(place) = Place::new() else { return };
    let images = || place.containr(&["images", "-q"]).ok().stdout;
    let before = images();
    for command in [&["load", "-i", "garbage"][..], &["import", "garbage", "g"]] {
        std::fs::write(place.path("garbage"), vec![7_u8; 4096]).unwrap();
        let shown = place.containr(command).fails(1);
        says(&shown, &["error: "]);
    }
    place.containr(&["save", "-o", "whole.tar", "base"]).ok();
    let bytes = std::fs::read(place.path("whole.tar")).unwrap();
    std::fs::write(place.path("half.tar"), &bytes[..bytes.len() / 2]).unwrap();
    place.containr(&["--root", "other", "load", "-i", "half.tar"]).fails(1);
    assert_eq!(place.containr(&["--root", "other", "images", "-q"]).ok().stdout, "");
    assert_eq!(images(), before);
}

#[test]
fn others_read_what_is_saved() {
    let Some(place) = Place::new() else { return };
    if Command::new("skopeo").arg("--version").output().is_err() {
        return crate::place::skip("skopeo").unwrap_or_default();
    }
    place.containr(&["save", "--format", "oci-archive", "-o", "o.tar", "base"]).ok();
    let source = format!("oci-archive:{}", place.arg("o.tar"));
    let told = Command::new("skopeo").args(["inspect", "--raw", &source]).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
