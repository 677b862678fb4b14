//! COPY --from: the listings of a step say what there is, its mounted tree gives the bytes.
#![expect(clippy::unwrap_used, reason = "this is test code, which the lint does not see outside of test functions")]

#[expect(dead_code, reason = "not every test needs all of it")]
mod case;

use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::sync::Arc;

use case::{NoArchives, is_root};
use containr_copy::{Apply, CopyError, Source, apply, select};
use containr_graph::{CopyKeyed, CopyKind};
use containr_progress::Cancel;
use containr_tree::{Entry, Kind, Listing, TreePath};

fn path(text: &str) -> TreePath {
    TreePath::new(text.as_bytes()).unwrap()
}

fn file(name: &str, text: &str) -> Entry {
    let digest = containr_oci::Digest::of(text.as_bytes());
    let kind = Kind::File { size: text.len() as u64, digest: digest.bytes().try_into().ok() };
    Entry { kind, ..Entry::directory(path(name), 0o640, 77) }
}

fn copy(sources: &[&str], destination: &str) -> CopyKeyed {
    CopyKeyed { kind: CopyKind::CopyFrom, ..case::copy(sources, destination) }
}

/// A version 2 capability set with nothing in it.
fn capability() -> Box<[u8]> {
    let mut value = vec![0, 0, 0, 2];
    value.resize(20, 0);
    value.into()
}

/// The tree of two deltas: the upper one replaces `a/x`, removes `a/gone` and adds a link.
fn step() -> (tempfile::TempDir, Vec<Arc<Listing>>) {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("a")).unwrap();
    fs::write(root.path().join("a/x"), "new").unwrap();
    fs::write(root.path().join("a/y"), "old").unwrap();
    symlink("a", root.path().join("to")).unwrap();
    let directory = Entry { uid: 5, gid: 6, ..Entry::directory(path("a"), 0o750, 9) };
    let lower = vec![directory, file("a/x", "old"), file("a/y", "old"), file("a/gone", "")];
    let user: Box<[u8]> = (*b"user.note").into();
    let kept: Box<[u8]> = (*b"security.capability").into();
    let x = Entry { uid: 7, gid: 8, xattrs: vec![(kept, capability()), (user, (*b"1").into())], ..file("a/x", "new") };
    let link = Entry { kind: Kind::Symlink { target: (*b"a").into() }, ..Entry::directory(path("to"), 0o777, 0) };
    let upper = vec![x, Entry::whiteout(path("a/gone")), link];
    let listing = |entries| Arc::new(Listing::from_unsorted(entries).unwrap());
    (root, vec![listing(lower), listing(upper)])
}

fn run(op: &CopyKeyed) -> Result<(tempfile::TempDir, Listing), CopyError> {
    let (root, listings) = step();
    let selection = select(op, &Source::view(&listings), None)?;
    let into = tempfile::tempdir().unwrap();
    let (from, directory) = (File::open(root.path()).unwrap(), File::open(into.path()).unwrap());
    let request = Apply {
        from: Some(from.as_fd()),
        target: None,
        into: directory.as_fd(),
        previous: None,
        extractor: &NoArchives,
        time: 1000,
        threads: 1,
        cancel: &Cancel::new(),
    };
    apply(op, &selection, &request).map(|listing| (into, listing))
}

fn names(listing: &Listing) -> Vec<String> {
    listing.entries().iter().map(|e| format!("{} {:o} {}:{}", e.path, e.mode, e.uid, e.gid)).collect()
}

#[test]
fn owners_are_kept_and_whiteouts_are_not_there() {
    if !is_root() {
        return;
    }
    let (_into, listing) = run(&copy(&["/a"], "/b")).unwrap();
    assert_eq!(names(&listing), ["/b 755 0:0", "/b/x 640 7:8", "/b/y 640 0:0"]);
    assert!(matches!(run(&copy(&["/a/gone"], "/b")), Err(CopyError::Missing(_))));
}

#[test]
fn links_on_the_way_are_followed_by_the_listing() {
    if !is_root() {
        return;
    }
    let (into, listing) = run(&copy(&["/to/x"], "/b")).unwrap();
    assert_eq!(names(&listing), ["/b 640 7:8"]);
    assert_eq!(fs::read_to_string(into.path().join("b")).unwrap(), "new");
    assert_eq!(fs::metadata(into.path().join("b")).unwrap().mtime(), 77);
}

#[test]
fn file_capabilities_are_kept_and_other_attributes_are_not() {
    if !is_root() {
        return;
    }
    for chown in [None, Some("9:9".to_owned())] {
        let (into, listing) = run(&CopyKeyed { chown, ..copy(&["/a/x"], "/b") }).unwrap();
        let names: Vec<&[u8]> = listing.entries()[0].xattrs.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, [b"security.capability"]);
        let mut value = [0; 64];
        let length = rustix::fs::getxattr(into.path().join("b"), "security.capability", value.as_mut_slice());
        assert_eq!(value[..length.unwrap()], *capability());
    }
}
