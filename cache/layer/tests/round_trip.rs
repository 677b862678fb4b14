//! A tree that becomes a layer and a tree again is the same tree.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests")]

mod support;

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use containr_layer::Codec;
use containr_tree::{Entry, Kind, Listing};
use rustix::fs::{CWD, FileType, Mode, Timespec, Timestamps, XattrFlags};
use support::{folder, is_root, path, scan, seal, unpack, write};

/// Everything that a tree can hold; devices and owners only as root.
fn rich_tree(root: &Path) {
    write(&root.join("a/x"), b"content");
    write(&root.join("a-b"), b"between");
    fs::hard_link(root.join("a/x"), root.join("a/link")).unwrap();
    fs::hard_link(root.join("a/x"), root.join("z")).unwrap();
    std::os::unix::fs::symlink("../a/x", root.join("a/soft")).unwrap();
    std::os::unix::fs::symlink("t".repeat(300), root.join("long-target")).unwrap();
    write(&root.join("d".repeat(90)).join("e".repeat(60)).join("file"), b"prefix");
    write(&root.join("n".repeat(200)), b"pax name");
    write(&root.join("größe/日本"), b"not ascii");
    write(&root.join(OsStr::from_bytes(b"latin-\xe9")), b"not utf-8");
    write(&root.join("empty"), b"");
    let sparse = fs::File::create(root.join("sparse")).unwrap();
    sparse.write_all_at(b"end", 3_000_000).unwrap();
    write(&root.join("setuid"), b"#!");
    fs::set_permissions(root.join("setuid"), Permissions::from_mode(0o4711)).unwrap();
    fs::create_dir(root.join("sticky")).unwrap();
    fs::set_permissions(root.join("sticky"), Permissions::from_mode(0o1777)).unwrap();
    rustix::fs::mknodat(CWD, root.join("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    drop(std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap());
    let before_1970 = Timespec { tv_sec: -5, tv_nsec: 0 };
    let times = Timestamps { last_access: before_1970, last_modification: before_1970 };
    rustix::fs::utimensat(CWD, root.join("empty"), &times, rustix::fs::AtFlags::empty()).unwrap();
    let _ = rustix::fs::setxattr(root.join("a/x"), "user.note", b"kept", XattrFlags::empty());
}

fn privileged_parts(root: &Path) {
    let device = rustix::fs::makedev(1, 3);
    let mode = Mode::from_raw_mode(0o666);
    rustix::fs::mknodat(CWD, root.join("null"), FileType::CharacterDevice, mode, device).unwrap();
    rustix::fs::mknodat(CWD, root.join("block"), FileType::BlockDevice, mode, rustix::fs::makedev(8, 1)).unwrap();
    std::os::unix::fs::lchown(root.join("a-b"), Some(1234), Some(2345)).unwrap();
    std::os::unix::fs::lchown(root.join("a/soft"), Some(7), Some(8)).unwrap();
    std::os::unix::fs::chown(root.join("sticky"), Some(3_000_000), Some(4_000_000_000)).unwrap();
    let capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    rustix::fs::setxattr(root.join("setuid"), "security.capability", &capability, XattrFlags::empty()).unwrap();
}

fn check(tree: &Path, codec: Codec) {
    let mut before = scan(tree);
    let (layer, stream) = seal(tree, &mut before, codec);
    let again = folder();
    let unpacked = unpack(&layer, again.path(), None).unwrap();
    assert_eq!(unpacked.listing, before);
    assert_eq!((unpacked.diff_id, unpacked.size), (stream.diff_id, stream.size));
    let mut after = scan(again.path());
    let (second, stream_again) = seal(again.path(), &mut after, codec);
    assert_eq!(after, before);
    assert_eq!(stream_again, stream);
    assert!(second == layer, "the same tree gives the same bytes");
}

#[test]
fn every_kind_of_file() {
    let tree = folder();
    rich_tree(tree.path());
    for codec in [Codec::Plain, Codec::GZIP, Codec::ZSTD] {
        check(tree.path(), codec);
    }
}

#[test]
fn devices_owners_and_capabilities() {
    if !is_root() {
        return;
    }
    let tree = folder();
    rich_tree(tree.path());
    privileged_parts(tree.path());
    check(tree.path(), Codec::GZIP);
}

#[test]
fn names_of_one_file_stay_one_file() {
    let tree = folder();
    write(&tree.path().join("b"), b"1");
    fs::hard_link(tree.path().join("b"), tree.path().join("a")).unwrap();
    let mut listing = scan(tree.path());
    assert_eq!(listing.entries()[1].kind, Kind::HardLink { to: path("a") });
    let again = folder();
    unpack(&seal(tree.path(), &mut listing, Codec::Plain).0, again.path(), None).unwrap();
    let inode = |name| fs::metadata(again.path().join(name)).unwrap().ino();
    assert_eq!(inode("a"), inode("b"));
}

#[test]
fn whiteouts_and_opaque_directories() {
    let tree = folder();
    fs::create_dir_all(tree.path().join("a/opaque")).unwrap();
    let mut opaque = Entry::directory(path("a/opaque"), 0o700, 5);
    opaque.kind = Kind::Directory { opaque: true };
    let entries = vec![
        Entry::directory(path("a"), 0o755, 3),
        opaque,
        Entry::whiteout(path("a/gone")),
        Entry::whiteout(path("b")),
    ];
    let mut listing = Listing::from_unsorted(entries).unwrap();
    let (layer, _) = seal(tree.path(), &mut listing, Codec::Plain);
    let again = folder();
    assert_eq!(unpack(&layer, again.path(), None).unwrap().listing, listing);
}

#[test]
fn a_file_that_changes_is_named() {
    let tree = folder();
    write(&tree.path().join("f"), b"long content");
    let mut listing = scan(tree.path());
    write(&tree.path().join("f"), b"short");
    let root = fs::File::open(tree.path()).unwrap();
    let outcome = support::with_context(1, |context| {
        use std::os::fd::AsFd as _;
        let digests = containr_layer::Digests::Fill;
        containr_layer::seal_into(root.as_fd(), &mut listing, digests, Codec::Plain, &mut Vec::new(), context)
    });
    assert_eq!(outcome.unwrap_err().to_string(), "/f changed while it was read");
}
