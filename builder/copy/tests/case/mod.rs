//! Small trees from text, COPY on them, and what came out as text; every result is compared with the disk.
#![expect(clippy::unwrap_used, reason = "this is test code, which the lint does not see outside of test functions")]

use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;

use containr_copy::{Apply, Context, CopyError, Extraction, Extractor, Selection, Source, Verdict, apply, select};
use containr_graph::{CopyKeyed, CopyKind, CopySource, Unpack};
use containr_progress::Cancel;
use containr_tree::{DigestCache, Entry, Kind, Listing, Moment, TreePath};
use tempfile::TempDir;

pub(crate) const BUILD_TIME: i64 = 5_000_000;

/// An extractor that finds no archives.
pub(crate) struct NoArchives;

impl Extractor for NoArchives {
    fn is_archive(&self, _: &File) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(false)
    }

    fn extract(&self, _: &Extraction<'_>) -> Result<Vec<Entry>, Box<dyn std::error::Error + Send + Sync>> {
        unreachable!("nothing is an archive")
    }
}

/// Makes a tree: `d PATH [MODE [UID:GID]]`, `f PATH [MODE [UID:GID]]` (its content is its path), `l PATH TARGET`, `h PATH FIRST`.
pub(crate) fn tree(text: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fill(root.path(), text);
    root
}

fn fill(root: &Path, text: &str) {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let path = root.join(words[1]);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match words[0] {
            "d" => fs::create_dir_all(&path).unwrap(),
            "f" => fs::write(&path, words[1]).unwrap(),
            "p" => fs::write(&path, words[2..].join("\n") + "\n").unwrap(),
            "l" => symlink(words[2], &path).unwrap(),
            "h" => fs::hard_link(root.join(words[2]), &path).unwrap(),
            other => panic!("unknown kind {other}"),
        }
        if matches!(words[0], "d" | "f") {
            if let Some(owner) = words.get(3) {
                let (uid, gid) = owner.split_once(':').unwrap();
                chown(&path, Some(uid.parse().unwrap()), Some(gid.parse().unwrap())).unwrap();
            }
            let mode = words
                .get(2)
                .map_or(if words[0] == "d" { 0o755 } else { 0o644 }, |m| u32::from_str_radix(m, 8).unwrap());
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}

/// Returns a COPY from the context with the given sources.
pub(crate) fn copy(sources: &[&str], destination: &str) -> CopyKeyed {
    CopyKeyed {
        kind: CopyKind::CopyContext,
        sources: sources.iter().map(|s| CopySource::Path((*s).to_owned())).collect(),
        destination: destination.to_owned(),
        chown: None,
        chmod: None,
        link: false,
        parents: false,
        excludes: Vec::new(),
        unpack: Unpack::Auto,
    }
}

/// One COPY with its trees.
pub(crate) struct Case<'a> {
    pub(crate) context: &'a Path,
    pub(crate) target: Option<&'a Path>,
    pub(crate) op: CopyKeyed,
    pub(crate) ignore: &'a (dyn Fn(&TreePath) -> Verdict + Sync),
    pub(crate) extractor: &'a dyn Extractor,
}

pub(crate) fn kept(_: &TreePath) -> Verdict {
    Verdict::Kept
}

/// The listing, and the directory that it is of.
pub(crate) struct Outcome {
    pub(crate) listing: Listing,
    pub(crate) directory: TempDir,
}

impl Case<'_> {
    pub(crate) fn select(&self) -> Result<Selection, CopyError> {
        let root = File::open(self.context).unwrap();
        let cancel = Cancel::new();
        let state = tempfile::tempdir().unwrap();
        let mut digests = DigestCache::open(&state.path().join("digests"), Moment::default());
        let context = Context::new(root.as_fd(), self.ignore, &mut digests, &cancel);
        select(&self.op, &Source::Context(context), None)
    }

    pub(crate) fn apply(&self, selection: &Selection, previous: Option<&Outcome>) -> Result<Outcome, CopyError> {
        let directory = tempfile::tempdir().unwrap();
        let (root, into) = (File::open(self.context).unwrap(), File::open(directory.path()).unwrap());
        let target = self.target.map(|path| File::open(path).unwrap());
        let older = previous.map(|p| (File::open(p.directory.path()).unwrap(), &p.listing));
        let request = Apply {
            from: Some(root.as_fd()),
            target: target.as_ref().map(File::as_fd),
            into: into.as_fd(),
            previous: older.as_ref().map(|(file, listing)| (file.as_fd(), *listing)),
            extractor: self.extractor,
            time: BUILD_TIME,
            threads: 2,
            cancel: &Cancel::new(),
        };
        let listing = apply(&self.op, selection, &request)?;
        let outcome = Outcome { listing, directory };
        outcome.check();
        Ok(outcome)
    }

    pub(crate) fn run(&self) -> Result<Outcome, CopyError> {
        self.apply(&self.select()?, None)
    }
}

/// Runs a COPY of a context into a target and returns the result as text, or the error.
pub(crate) fn run(context: &str, target: &str, op: CopyKeyed) -> String {
    let (context, target) = (tree(context), tree(target));
    let case = Case { context: context.path(), target: Some(target.path()), op, ignore: &kept, extractor: &NoArchives };
    match case.run() {
        Ok(outcome) => outcome.text(),
        Err(error) => format!("error: {error}"),
    }
}

impl Outcome {
    /// Returns a line per entry: path, type, mode, owner, then what the type has.
    pub(crate) fn text(&self) -> String {
        let lines = self.listing.entries().iter().map(|entry| {
            let rest = match &entry.kind {
                Kind::Directory { .. } => "d".to_owned(),
                Kind::File { .. } => format!("f {}", self.content(&entry.path)),
                Kind::HardLink { to } => format!("h {to}"),
                Kind::Symlink { target } => format!("l {}", String::from_utf8_lossy(target)),
                other => format!("{other:?}"),
            };
            format!("{} {:o} {}:{} {rest}", entry.path, entry.mode, entry.uid, entry.gid)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn content(&self, path: &TreePath) -> String {
        fs::read_to_string(self.directory.path().join(path.as_path())).unwrap()
    }

    /// Compares listing and disk, then returns the text.
    pub(crate) fn checked_text(&self) -> String {
        self.check();
        self.text()
    }

    /// Compares listing and disk in both directions.
    fn check(&self) {
        let mut on_disk = Vec::new();
        collect(self.directory.path(), Path::new(""), &mut on_disk);
        on_disk.sort();
        let listed: Vec<TreePath> = self.listing.entries().iter().map(|e| e.path.clone()).collect();
        assert_eq!(on_disk, listed);
        for entry in self.listing.entries() {
            let path = self.directory.path().join(entry.path.as_path());
            let metadata = fs::symlink_metadata(&path).unwrap();
            assert_eq!(metadata.mode() & 0o7777, entry.mode, "mode of {}", entry.path);
            assert_eq!((metadata.uid(), metadata.gid()), (entry.uid, entry.gid), "owner of {}", entry.path);
            assert_eq!((metadata.mtime(), metadata.mtime_nsec()), (entry.mtime, 0), "time of {}", entry.path);
            match &entry.kind {
                Kind::File { size, digest } => {
                    assert_eq!(metadata.len(), *size);
                    let actual = containr_oci::Digest::of(&fs::read(&path).unwrap());
                    assert_eq!(digest.as_ref().map(<[u8; 32]>::as_slice), Some(actual.bytes()));
                }
                Kind::HardLink { to } => {
                    let first = fs::metadata(self.directory.path().join(to.as_path())).unwrap();
                    assert_eq!(first.ino(), metadata.ino());
                }
                _ => {}
            }
        }
    }
}

fn collect(root: &Path, below: &Path, paths: &mut Vec<TreePath>) {
    use std::os::unix::ffi::OsStrExt as _;
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        paths.push(TreePath::new(path.as_os_str().as_bytes()).unwrap());
        if fs::symlink_metadata(root.join(&path)).unwrap().is_dir() {
            collect(root, &path, paths);
        }
    }
}

/// Appends to a file, so that it is another one than before.
pub(crate) fn grow(path: &Path) {
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"!").unwrap();
}

/// Returns whether the test may give files away; says so when not, and fails where it must be able to.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    assert!(root || std::env::var_os("CI").is_none(), "this test needs root");
    if !root {
        eprintln!("skipped: needs root");
    }
    root
}
