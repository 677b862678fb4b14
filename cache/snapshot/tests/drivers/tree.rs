//! Reads trees back and compares them, as a differ would.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};

use containr_progress::Cancel;
use containr_snapshot::{Active, Changes, Fresh};
use containr_tree::{Entry, FileKind, Found, Kind, Listing, TreePath, Visit, digest_file, walk};
use rustix::fs::{Mode, OFlags, XattrFlags};

pub(crate) fn path(text: &str) -> TreePath {
    TreePath::new(text.as_bytes()).unwrap()
}

pub(crate) fn write(root: impl AsFd, name: &str, text: &str) {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    let file = rustix::fs::openat(root, name, flags, Mode::from_raw_mode(0o644)).unwrap();
    std::io::Write::write_all(&mut File::from(file), text.as_bytes()).unwrap();
}

pub(crate) fn mkdir(root: impl AsFd, name: &str) {
    rustix::fs::mkdirat(root, name, Mode::from_raw_mode(0o755)).unwrap();
}

pub(crate) fn set_xattr(root: impl AsFd, name: &str, value: &str) {
    let file = rustix::fs::openat(root, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    rustix::fs::fsetxattr(&file, "user.test", value.as_bytes(), XattrFlags::empty()).unwrap();
}

fn found(root: impl AsFd) -> Vec<Found> {
    walk(root.as_fd(), &|_, _| Visit::Take, &Cancel::new()).unwrap()
}

fn content(root: impl AsFd, path: &TreePath) -> (String, String) {
    let file = rustix::fs::openat(root, path.as_path(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    let mut value = [0; 100];
    let length = rustix::fs::fgetxattr(&file, "user.test", &mut value[..]).unwrap_or(0);
    let mut text = String::new();
    File::from(file).read_to_string(&mut text).unwrap();
    (text, String::from_utf8_lossy(&value[..length]).into_owned())
}

/// One line an entry: path, type, mode, owner, whole seconds, and content, target or number of names.
pub(crate) fn dump(root: impl AsFd) -> Vec<String> {
    let line = |found: &Found| {
        let stat = &found.stat;
        let rest = match stat.kind {
            FileKind::File => format!("{:?} names {}", content(&root, &found.path), stat.nlink),
            FileKind::Symlink => format!("{:?}", String::from_utf8_lossy(found.link.as_ref().unwrap())),
            _ => format!("{:?}", stat.device()),
        };
        let kind = stat.kind;
        format!("{} {kind:?} {:o} {}:{} {} {rest}", found.path, stat.mode, stat.uid, stat.gid, stat.mtime_s)
    };
    found(&root).iter().map(line).collect()
}

/// The same without times.
pub(crate) fn names(root: impl AsFd) -> Vec<String> {
    found(root).iter().map(|found| found.path.to_string()).collect()
}

/// Makes a listing of a directory that was written directly.
pub(crate) fn listing(fresh: &Fresh) -> Listing {
    entries(&found(fresh.dir()), fresh.dir(), |_| true)
}

/// Compares what an active tree changed with its parent: the result depends on the two trees alone.
pub(crate) fn diff(active: &Active, parent: &OwnedFd) -> Listing {
    let before: BTreeMap<TreePath, Found> = found(parent).into_iter().map(|f| (f.path.clone(), f)).collect();
    let same = |f: &Found| {
        before.get(&f.path).is_some_and(|old| {
            let numbers =
                |f: &Found| (f.stat.kind, f.stat.mode, f.stat.uid, f.stat.gid, f.stat.mtime(), f.link.clone());
            let sizes = f.stat.kind == FileKind::Directory || f.stat.size == old.stat.size;
            sizes && numbers(f) == numbers(old)
        })
    };
    match active.changes().unwrap() {
        Changes::Upper(upper) => entries(&found(&upper), &upper, |f| !same(f)),
        Changes::Full(tree) => {
            let after = found(&tree);
            let mut listing = entries(&after, &tree, |f| !same(f)).entries().to_vec();
            let after: std::collections::BTreeSet<&TreePath> = after.iter().map(|f| &f.path).collect();
            let gone = |path: &TreePath| !path.is_root() && !after.contains(path);
            let topmost = before.keys().filter(|path| gone(path) && !path.parent().is_some_and(|up| gone(&up)));
            listing.extend(topmost.map(|path| Entry::whiteout(path.clone())));
            Listing::from_unsorted(listing).unwrap()
        }
    }
}

fn entries(found: &[Found], root: impl AsFd, keep: impl Fn(&Found) -> bool) -> Listing {
    let mut first_names = BTreeMap::new();
    let mut entries = Vec::new();
    for f in found.iter().filter(|f| keep(f)) {
        let kind = match f.stat.kind {
            FileKind::Directory => Kind::Directory { opaque: false },
            FileKind::File => match first_names.get(&f.stat.ino).filter(|_| f.stat.nlink > 1) {
                Some(first) => Kind::HardLink { to: TreePath::clone(first) },
                None => {
                    first_names.insert(f.stat.ino, f.path.clone());
                    let digest = digest_file(root.as_fd(), &f.path).unwrap().0;
                    Kind::File { size: f.stat.size, digest: Some(digest) }
                }
            },
            FileKind::Symlink => Kind::Symlink { target: f.link.clone().unwrap() },
            FileKind::CharDevice if f.stat.rdev == 0 => Kind::Whiteout,
            FileKind::CharDevice => Kind::CharDevice { major: f.stat.device().0, minor: f.stat.device().1 },
            FileKind::Fifo => Kind::Fifo,
            FileKind::BlockDevice | FileKind::Socket => unreachable!("no test makes one"),
        };
        let entry = match kind {
            Kind::Whiteout => Entry::whiteout(f.path.clone()),
            kind => Entry {
                kind,
                uid: f.stat.uid,
                gid: f.stat.gid,
                ..Entry::directory(f.path.clone(), f.stat.mode, f.stat.mtime_s)
            },
        };
        entries.push(entry);
    }
    Listing::from_unsorted(entries).unwrap()
}
