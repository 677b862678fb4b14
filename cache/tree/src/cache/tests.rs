//! When a remembered digest may be believed.

use std::fs::{self, File};
use std::os::fd::AsFd as _;

use sha2::{Digest as _, Sha256};

use super::*;
use crate::{FileKind, Visit, walk};

struct Context {
    dir: tempfile::TempDir,
    cache: PathBuf,
}

impl Context {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("tree")).unwrap();
        let context = Self { cache: dir.path().join("cache"), dir };
        for (name, text) in files {
            context.write(name, text);
        }
        context
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir.path().join("tree").join(name), text).unwrap();
    }

    /// Walks and asks for all digests; returns those and how many were remembered before.
    fn run(&self, now: Moment) -> (Vec<[u8; 32]>, usize) {
        let root = File::open(self.dir.path().join("tree")).unwrap();
        let found = walk(root.as_fd(), &|_, _| Visit::Take, &Cancel::new()).unwrap();
        let files: Vec<&Found> = found.iter().filter(|found| found.stat.kind == FileKind::File).collect();
        let mut cache = DigestCache::open(&self.cache, now);
        let digests = cache.digests(root.as_fd(), &files, &Cancel::new()).unwrap();
        let hits = cache.asked.iter().filter(|asked| **asked).count();
        cache.save().unwrap();
        (digests, hits)
    }

    fn later(&self, seconds: i64) -> Moment {
        let now = Stat::from(rustix::fs::stat(self.dir.path()).unwrap()).ctime();
        Moment { seconds: now.seconds + seconds, ..now }
    }
}

fn sha(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[test]
fn unchanged_files_are_remembered_and_changed_ones_are_not() {
    let context = Context::new(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let expected = vec![sha("1"), sha("2"), sha("3")];
    assert_eq!(context.run(context.later(100)), (expected.clone(), 0));
    assert_eq!(context.run(context.later(100)), (expected, 3));
    context.write("b", "X");
    assert_eq!(context.run(context.later(100)), (vec![sha("1"), sha("X"), sha("3")], 2));
}

#[test]
fn same_size_and_mtime_do_not_hide_a_change() {
    let context = Context::new(&[("a", "1")]);
    context.run(context.later(100));
    let path = context.dir.path().join("tree/a");
    let mtime = fs::metadata(&path).unwrap().modified().unwrap();
    context.write("a", "2");
    File::options().write(true).open(&path).unwrap().set_modified(mtime).unwrap();
    assert_eq!(context.run(context.later(100)), (vec![sha("2")], 0));
}

#[test]
fn files_younger_than_the_clock_can_tell_are_not_remembered() {
    let context = Context::new(&[("a", "1")]);
    for _ in 0..2 {
        assert_eq!(context.run(context.later(-1)), (vec![sha("1")], 0));
    }
    assert!(!context.cache.exists());
}

#[test]
fn a_file_open_for_writing_is_not_remembered() {
    let context = Context::new(&[("a", "1")]);
    let writer = File::options().write(true).open(context.dir.path().join("tree/a")).unwrap();
    context.run(context.later(100));
    assert_eq!(context.run(context.later(100)).1, 0);
    drop(writer);
    context.run(context.later(100));
    assert_eq!(context.run(context.later(100)).1, 1);
}

#[test]
fn every_damaged_byte_makes_the_cache_empty() {
    let context = Context::new(&[("a", "1"), ("b", "2")]);
    context.run(context.later(100));
    let whole = fs::read(&context.cache).unwrap();
    assert_eq!(Remembered::open(&context.cache).len(), 2);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::remove_file(&context.cache).unwrap();
        fs::write(&context.cache, &bytes).unwrap();
        assert_eq!(Remembered::open(&context.cache).len(), 0, "byte {at}");
    }
    for length in 0..whole.len() {
        fs::remove_file(&context.cache).unwrap();
        fs::write(&context.cache, &whole[..length]).unwrap();
        assert_eq!(Remembered::open(&context.cache).len(), 0, "length {length}");
    }
}

#[test]
fn nothing_is_written_when_nothing_is_new() {
    let context = Context::new(&[("a", "1")]);
    context.run(context.later(100));
    let before = Stat::from(rustix::fs::stat(&context.cache).unwrap());
    context.run(context.later(100));
    assert_eq!(Stat::from(rustix::fs::stat(&context.cache).unwrap()), before);
}

#[test]
fn files_of_other_targets_are_kept_for_some_saves() {
    let context = Context::new(&[("a", "1"), ("b", "2")]);
    context.run(context.later(100));
    let root = File::open(context.dir.path().join("tree")).unwrap();
    let b = TreePath::new(b"b").unwrap();
    for round in 0..17 {
        context.write("a", &format!("round {round}"));
        let stat = Stat::from(rustix::fs::stat(context.dir.path().join("tree/a")).unwrap());
        let file = Found { path: TreePath::new(b"a").unwrap(), stat, link: None };
        let mut cache = DigestCache::open(&context.cache, context.later(100));
        assert_eq!(cache.remembered.find(&b, 0).is_some(), round <= 16, "round {round}");
        cache.digests(root.as_fd(), &[&file], &Cancel::new()).unwrap();
        cache.save().unwrap();
    }
    assert_eq!(DigestCache::open(&context.cache, context.later(100)).remembered.find(&b, 0), None);
}

#[test]
fn a_file_that_changed_after_the_walk_is_named() {
    let context = Context::new(&[("a", "1"), ("b", "2")]);
    let root = File::open(context.dir.path().join("tree")).unwrap();
    let found = walk(root.as_fd(), &|_, _| Visit::Take, &Cancel::new()).unwrap();
    context.write("b", "changed");
    let files: Vec<&Found> = found.iter().collect();
    let mut cache = DigestCache::open(&context.cache, context.later(100));
    let error = cache.digests(root.as_fd(), &files, &Cancel::new()).unwrap_err();
    assert_eq!(error.to_string(), "`/b` changed while it was read");
}
