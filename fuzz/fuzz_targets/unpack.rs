//! Any archive is unpacked or refused, and nothing outside of its root changes.

#![no_main]

use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::path::Path;

use containr_fuzz::archive::mend;
use containr_layer::{Context, Destination, Extract, Limits, Marks, Missing, extract_archive, unpack_into};
use containr_progress::Cancel;
use containr_tree::TreePath;
use libfuzzer_sys::fuzz_target;

/// Notes nothing: what an archive hides shows in the listing alone.
struct Unmarked;

impl Marks for Unmarked {
    fn whiteout(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }
    fn opaque(&self, _: &TreePath) -> io::Result<()> {
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let archive = mend(data);
    let folder = scratch();
    let (root, below, outside) =
        (folder.path().join("root"), folder.path().join("below"), folder.path().join("outside"));
    for directory in [&root, &below, &outside] {
        fs::create_dir(directory).expect("a scratch folder can be written");
    }
    fs::write(outside.join("kept"), "kept").expect("a scratch folder can be written");
    // Names that archives like to use lead out of the tree below.
    for (name, target) in
        [("up", "../outside"), ("far", "../../outside/kept"), ("etc", outside.to_str().unwrap_or("/"))]
    {
        std::os::unix::fs::symlink(target, below.join(name)).expect("a scratch folder can be written");
    }
    unpack(&archive, &root, &below);
    let names: Vec<_> =
        fs::read_dir(&outside).expect("it is still there").map(|one| one.expect("it is whole").file_name()).collect();
    assert_eq!(names, ["kept"]);
    assert_eq!(fs::read(outside.join("kept")).expect("it is still there"), b"kept");
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).expect("it is there").map(|one| one.expect("it is whole").file_name()).collect();
    left.sort();
    assert_eq!(left, ["below", "outside", "root"]);
    assert_eq!(fs::read_dir(&below).expect("it is still there").count(), 3, "the tree below is only read");
});

/// Makes a folder in memory, so that the disk is not what is measured.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").expect("there is memory")
}

fn unpack(archive: &[u8], root: &Path, below: &Path) {
    let cancel = Cancel::new();
    let context = Context { cancel: &cancel, threads: NonZeroUsize::MIN };
    let limits = Limits { members: 100, path_bytes: 4096, extended_bytes: 1 << 16, total_bytes: 1 << 20 };
    let open = |path| File::open(path).expect("the folder was made");
    let (root, below) = (open(root), open(below));
    let destination =
        Destination { fs: root.as_fd(), marks: &Unmarked, below: Some(below.as_fd()), missing: Missing::default() };
    if archive.first().is_some_and(|byte| byte % 2 == 0) {
        let _ = unpack_into(&mut &archive[..], &destination, limits, context);
        return;
    }
    let options = Extract {
        fs: root.as_fd(),
        marks: &Unmarked,
        below: Some(below.as_fd()),
        into: TreePath::new(b"up").expect("the name is sound"),
        missing: Missing::default(),
        owner: None,
        existing: Vec::new(),
    };
    let _ = extract_archive(&mut &archive[..], options, limits, context);
}
