//! `containr fmt`.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::desk::Desk;

const ROUGH: &str = "from  a\nrun b\n";
const TIDY: &str = "FROM a\nRUN b\n";

#[test]
fn writes_the_files_of_the_working_directory() {
    let names = ["Dockerfile", "a.Dockerfile", "sub/Dockerfile.dev", "sub/deep/Containerfile"];
    let desk = Desk::with(&names.map(|name| (name, ROUGH)));
    desk.write("notes.txt", ROUGH);
    desk.write("Dockerfile.dockerignore", ROUGH);
    let told = desk.run(&["fmt"]);
    assert_eq!((told.code, told.stdout.as_str(), told.stderr.as_str()), (Some(0), "", ""));
    for name in names {
        assert_eq!(desk.read(name), TIDY, "{name}");
    }
    assert_eq!((desk.read("notes.txt"), desk.read("Dockerfile.dockerignore")), (ROUGH.to_owned(), ROUGH.to_owned()));
    assert_eq!(desk.files().len(), 6, "nothing is left beside the files");
}

#[test]
fn a_named_file_is_formatted_whatever_its_name() {
    let desk = Desk::with(&[("recipe", ROUGH), ("Dockerfile", ROUGH)]);
    desk.run(&["fmt", "-w", "recipe"]).exits(0);
    assert_eq!((desk.read("recipe").as_str(), desk.read("Dockerfile").as_str()), (TIDY, ROUGH));
}

#[test]
fn a_file_keeps_its_mode_and_a_link_stays_one() {
    let desk = Desk::with(&[("real", ROUGH)]);
    fs::set_permissions(desk.path("real"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real", desk.path("Dockerfile")).unwrap();
    desk.run(&["fmt"]).exits(0);
    assert_eq!(desk.read("real"), TIDY);
    assert!(fs::symlink_metadata(desk.path("Dockerfile")).unwrap().is_symlink());
    assert_eq!(fs::metadata(desk.path("real")).unwrap().mode() & 0o7777, 0o640);
}

#[test]
fn a_formatted_file_is_not_written() {
    let desk = Desk::with(&[("Dockerfile", TIDY)]);
    let before = fs::metadata(desk.path("Dockerfile")).unwrap();
    desk.run(&["fmt"]).exits(0);
    let after = fs::metadata(desk.path("Dockerfile")).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn check_names_the_files_and_writes_nothing() {
    let desk = Desk::with(&[("Dockerfile", ROUGH), ("b.Dockerfile", TIDY), ("sub/Dockerfile", ROUGH)]);
    assert_eq!(desk.run(&["fmt", "--check"]).exits(1), "Dockerfile\nsub/Dockerfile\n");
    assert_eq!(desk.run(&["fmt", "--check", "b.Dockerfile"]).exits(0), "");
    assert_eq!(desk.read("Dockerfile"), ROUGH);
    assert_eq!(desk.call(&["fmt", "--check", "-"]).stdin(ROUGH).run().exits(1), "-\n");
}

#[test]
fn diff_shows_the_change_and_writes_nothing() {
    let desk = Desk::with(&[("Dockerfile", "FROM a\n\nrun b\n")]);
    let shown = "--- Dockerfile\n+++ Dockerfile\n@@ -1,3 +1,3 @@\n FROM a\n \n-run b\n+RUN b\n";
    assert_eq!(desk.run(&["fmt", "--diff"]).exits(1), shown);
    assert_eq!(desk.run(&["fmt", "--diff", "--check"]).exits(1), shown);
    assert_eq!(desk.read("Dockerfile"), "FROM a\n\nrun b\n");
}

#[test]
fn stdin_goes_to_stdout() {
    let desk = Desk::new();
    assert_eq!(desk.call(&["fmt", "-"]).stdin(ROUGH).run().exits(0), TIDY);
    assert_eq!(desk.call(&["fmt", "-"]).stdin("").run().exits(0), "");
    assert!(desk.files().is_empty());
}

#[test]
fn what_has_an_error_is_left_alone_and_told() {
    let desk = Desk::with(&[("Dockerfile", "from  a\ncopyy  b  c\nrun  d\n")]);
    let told = desk.run(&["fmt"]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(0), ""));
    assert!(told.stderr.starts_with("Dockerfile:2:1: left as it is: unknown instruction `copyy`"), "{}", told.stderr);
    assert_eq!(desk.read("Dockerfile"), "FROM a\ncopyy  b  c\nRUN d\n");
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let told = Desk::new().run(&["fmt", "Dockerfile"]);
    assert_eq!(told.code, Some(2));
    assert!(told.stderr.starts_with("error: cannot read Dockerfile: "), "{}", told.stderr);
}
