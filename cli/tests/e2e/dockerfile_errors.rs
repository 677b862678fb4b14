//! Broken Dockerfiles: every error at once, at its character, with exit code 2.

use crate::place::{Place, says};

#[test]
fn all_errors_are_shown_with_carets() {
    let Some(place) = Place::bare() else { return };
    let text = "FROM scratch\nRNU true\nCOPY --chwon=1 a b\nENV\n";
    let shown = place.build(text, &[]).fails(2);
    says(&shown, &["unknown instruction `RNU`; did you mean `RUN`?", "Dockerfile:2:1", "2 | RNU true", "^^^"]);
    says(&shown, &["COPY has no flag `--chwon`; did you mean `--chown`?", "Dockerfile:3:6", "Dockerfile:4:1"]);
    assert_eq!(shown.matches("error: ").count(), 3, "{shown}");
}

#[test]
fn errors_of_syntax_and_of_meaning_come_together() {
    let Some(place) = Place::bare() else { return };
    let text = "FROM scratch AS a\nCOPPY x y\nFROM a\nEXPOSE 99999999\nLABEL\n";
    let shown = place.build(text, &[]).fails(2);
    says(&shown, &["Dockerfile:2:1", "Dockerfile:4:", "Dockerfile:5:1"]);
    assert_eq!(shown.matches("error: ").count(), 3, "{shown}");
    let shown = place.build("FROM no:such:name AS a\nRNU x\nFROM scratch\nCOPY --from=9 x /\n", &[]).fails(2);
    says(&shown, &["Dockerfile:1:6", "Dockerfile:2:1", "Dockerfile:4:13"]);
}

#[test]
fn what_hangs_on_a_broken_instruction_is_not_judged() {
    let Some(place) = Place::bare() else { return };
    let text = "ARG BASE=\"scratch\nFORM scratch AS a\nFROM $BASE\nEXPOSE 99999999\n";
    let shown = place.build(text, &[]).fails(2);
    assert!(!shown.contains("Dockerfile:4"), "{shown}");
}

#[test]
fn an_unknown_target_names_the_nearest_stage() {
    let Some(place) = Place::bare() else { return };
    let shown = place.build("FROM scratch AS builder\nFROM scratch AS final\n", &["--target", "biulder"]).fails(2);
    says(&shown, &["target stage `biulder` is not defined; did you mean `builder`?"]);
}

#[test]
fn stages_that_need_each_other_are_refused() {
    let Some(place) = Place::bare() else { return };
    let shown = place.build("FROM scratch AS a\nCOPY --from=b /x /y\nFROM a AS b\nCOPY x /\n", &[]).fails(2);
    says(&shown, &["stages `a` and `b` need each other", "Dockerfile:2:13"]);
    let shown = place.build("FROM scratch AS a\nCOPY --from=a /x /y\n", &[]).fails(2);
    says(&shown, &["stage `a` cannot copy from itself"]);
}

#[test]
fn an_empty_file_and_bytes_that_are_no_text_are_errors() {
    let Some(place) = Place::bare() else { return };
    says(&place.build("", &[]).fails(2), &["the file has no instruction"]);
    place.file("Dockerfile", b"FROM scratch\nLABEL a=\xff\n");
    says(&place.containr(&["build", "ctx"]).fails(2), &["byte 0xff is not UTF-8", "Dockerfile:2:9"]);
}

#[test]
fn a_missing_file_is_named() {
    let Some(place) = Place::bare() else { return };
    says(&place.containr(&["build", "ctx"]).fails(1), &["cannot read", "ctx/Dockerfile"]);
    says(&place.containr(&["build", "nowhere"]).fails(1), &["cannot open the context", "nowhere"]);
}

#[test]
fn bad_flags_are_refused_before_any_work() {
    let Some(place) = Place::bare() else { return };
    for flags in [
        ["--ulimit", "luck=1"],
        ["--shm-size", "12q"],
        ["--add-host", "x"],
        ["--network", "moon"],
        ["-o", "type=moon"],
        ["-o", "type=oci"],
        ["-t", "Upper:x"],
        ["--platform", "linux/s390x,linux/arm64"],
    ] {
        let shown = place.build("FROM scratch\nCOPY x /\n", &flags).fails(2);
        assert!(shown.starts_with("error: "), "{flags:?}: {shown}");
        assert!(!shown.contains("COPY"), "{flags:?}: {shown}");
    }
}
