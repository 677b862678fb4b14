//! WORKDIR as a table: a target, a path and a user, the delta.
#![expect(clippy::unwrap_used, reason = "this is test code, which the lint does not see outside of test functions")]

#[expect(dead_code, reason = "not every test needs all of it")]
mod case;

use std::fs::File;
use std::os::fd::AsFd as _;

use case::{BUILD_TIME, Outcome, is_root, tree};
use containr_copy::workdir;
use containr_graph::Workdir;
use containr_progress::Cancel;

/// Returns the delta as text, or the error; no target is scratch.
fn run(target: Option<&str>, path: &str, user: &str) -> String {
    let target = target.map(tree);
    let target = target.as_ref().map(|root| File::open(root.path()).unwrap());
    let directory = tempfile::tempdir().unwrap();
    let into = File::open(directory.path()).unwrap();
    let op = Workdir { path: path.to_owned(), user: user.to_owned() };
    match workdir(&op, target.as_ref().map(File::as_fd), into.as_fd(), BUILD_TIME, &Cancel::new()) {
        Ok(listing) => Outcome { listing, directory }.checked_text(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn every_new_component_belongs_to_the_user() {
    if !is_root() {
        return;
    }
    let accounts = "p etc/passwd bob:x:1000:2000\nd w 700 3:4";
    assert_eq!(run(Some(accounts), "/w/x/y", "bob"), "/w 700 3:4 d\n/w/x 755 1000:2000 d\n/w/x/y 755 1000:2000 d");
    assert_eq!(run(Some(accounts), "/n", "77"), "/n 755 77:77 d");
    assert_eq!(run(Some(accounts), "/n", "77:5"), "/n 755 77:5 d");
    assert_eq!(run(Some(accounts), "/n", "ghost"), "/n 755 0:0 d");
}

#[test]
fn what_is_there_is_left_alone() {
    assert_eq!(run(Some("d a/b"), "/a//b/", ""), "");
    assert_eq!(run(Some(""), "/", ""), "");
}

#[test]
fn links_are_followed_and_stay_inside() {
    assert_eq!(run(Some("l cwd ../../real"), "/cwd/x", ""), "/real 755 0:0 d\n/real/x 755 0:0 d");
    assert_eq!(run(Some("l loop loop"), "/loop", ""), "error: /loop has too many symbolic links");
}

#[test]
fn a_file_in_the_way_is_an_error() {
    assert_eq!(run(Some("f a"), "/a/b", ""), "error: /a is not a directory");
}

#[test]
fn scratch_knows_numbers_alone() {
    if !is_root() {
        return;
    }
    assert_eq!(run(None, "/a", "5:6"), "/a 755 5:6 d");
    assert!(run(None, "/a", "bob").starts_with("error: cannot look up the owner `bob`"));
}
