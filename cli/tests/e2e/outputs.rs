//! Where results go: several outputs at once, id and metadata files.

use std::fs;

use crate::place::{Place, says};

#[test]
fn several_outputs_at_once() {
    let Some(place) = Place::new() else { return };
    let outputs = ["type=oci,dest=o.tar", "type=docker,dest=d.tar", "type=tar,dest=t.tar", "type=local,dest=l"];
    let flags: Vec<&str> = outputs.iter().flat_map(|output| ["-o", output]).collect();
    place.build("FROM base\nRUN echo x > /file\n", &flags).ok();
    assert_eq!(fs::read_to_string(place.path("l/file")).unwrap(), "x\n");
    for archive in ["o.tar", "d.tar"] {
        let told = place.containr(&["--root", "other", "load", "-i", archive]).ok();
        says(&told.stdout, &["t"]);
        let told = place.containr(&["--root", "other", "run", "t", "cat", "/file"]).ok();
        assert_eq!(told.stdout, "x\n");
        place.containr(&["--root", "other", "prune", "--all"]).ok();
    }
}

#[test]
fn a_tar_goes_to_stdout_and_nothing_else() {
    let Some(place) = Place::new() else { return };
    place.file("Dockerfile", "FROM scratch\nCOPY Dockerfile /only\n");
    let told = place.containr(&["build", "-o", "-", "ctx"]).ok();
    assert!(told.stdout.starts_with("only\0"), "{}", told.stdout);
    assert_eq!(told.stdout.len() % 512, 0);
}

#[test]
fn id_and_metadata_files_hold_the_digests() {
    let Some(place) = Place::new() else { return };
    let flags = ["--iidfile", "iid", "--metadata-file", "meta.json", "-o", "type=oci,dest=o.tar"];
    place.build("FROM base\nENV A=1\n", &flags).ok();
    let id = fs::read_to_string(place.path("iid")).unwrap();
    assert!(id.starts_with("sha256:") && id.len() == 71, "{id}");
    let metadata: serde_json::Value = serde_json::from_slice(&fs::read(place.path("meta.json")).unwrap()).unwrap();
    assert_eq!(metadata["containerimage.config.digest"], id);
    assert!(metadata["containerimage.digest"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn a_failed_build_writes_none_of_them() {
    let Some(place) = Place::new() else { return };
    let flags = ["--iidfile", "iid", "--metadata-file", "meta.json", "-o", "type=oci,dest=o.tar"];
    place.build("FROM base\nRUN exit 1\n", &flags).fails(1);
    for name in ["iid", "meta.json", "o.tar"] {
        assert!(!place.path(name).exists(), "{name}");
    }
    place.containr(&["run", "--pull", "never", "t"]).fails(125);
}

#[test]
fn an_output_that_cannot_be_written_fails() {
    let Some(place) = Place::new() else { return };
    place.file("Dockerfile", "FROM base\n");
    says(&place.containr(&["build", "--iidfile", "no/dir/iid", "ctx"]).fails(1), &["cannot write no/dir/iid"]);
    let told = place.containr(&["build", "-o", "type=oci,dest=no/dir/o.tar", "ctx"]);
    says(&told.fails(1), &["no/dir/o.tar"]);
}
