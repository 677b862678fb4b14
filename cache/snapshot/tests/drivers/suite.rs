//! The cases.

use std::os::fd::OwnedFd;

use crate::tree::{diff, dump, listing, mkdir, names, path, set_xattr, write};
use containr_snapshot::{Active, Driver, DriverChoice, SnapshotError, SnapshotPaths, Snapshots, Stub, StubKind, View};
use containr_store::DeltaId;
use containr_tree::{Entry, Listing, Times};
use rustix::fs::{AtFlags, FileType, Gid, Mode, Timespec, Timestamps, Uid};

/// A store's directories for one driver; checks at its end that nothing is left.
struct Bench {
    dir: tempfile::TempDir,
    snapshots: Option<Snapshots>,
}

impl Bench {
    fn new(choice: DriverChoice) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let paths = SnapshotPaths { deltas: place("deltas"), work: place("work"), trash: place("trash") };
        let snapshots = Snapshots::open(&paths, choice).unwrap();
        Self { dir, snapshots: Some(snapshots) }
    }

    fn snapshots(&self) -> &Snapshots {
        self.snapshots.as_ref().unwrap()
    }

    /// A base with files, links, directories and attributes, all of one time.
    fn base(&self) -> View {
        let fresh = self.snapshots().create().unwrap();
        let root = fresh.dir();
        for name in ["etc", "usr", "usr/lib", "empty"] {
            mkdir(root, name);
        }
        for (name, text) in [("etc/passwd", "root"), ("usr/lib/a", "A"), ("usr/lib/b", "B"), ("top", "T")] {
            write(root, name, text);
        }
        rustix::fs::linkat(root, "usr/lib/a", root, "usr/lib/a2", AtFlags::empty()).unwrap();
        rustix::fs::symlinkat("usr/lib", root, "lib").unwrap();
        rustix::fs::mkfifoat(root, "pipe", Mode::from_raw_mode(0o600)).unwrap();
        set_xattr(root, "usr/lib/b", "x");
        rustix::fs::chownat(root, "etc/passwd", Some(Uid::from_raw(7)), Some(Gid::from_raw(8)), AtFlags::empty())
            .unwrap();
        let listing = listing(&fresh);
        age(&root.try_clone_to_owned().unwrap(), &listing);
        View::new(vec![fresh.commit(&listing).unwrap()])
    }

    /// Runs `step` on a writable tree over `parent` and commits what it changed.
    fn step(&self, parent: &View, stubs: &[Stub], step: impl FnOnce(&OwnedFd)) -> (View, Listing) {
        let active = self.snapshots().prepare(parent).unwrap();
        let mount = active.mount(stubs).unwrap();
        step(&mount);
        drop(mount);
        let listing = self.diff(&active);
        let id = active.commit(&listing).unwrap();
        assert_eq!(*self.snapshots().listing(&id).unwrap(), listing);
        (if listing.is_empty() { parent.clone() } else { parent.with(id) }, listing)
    }

    fn diff(&self, active: &Active) -> Listing {
        diff(active, &self.snapshots().mount(active.parent()).unwrap())
    }

    fn entries(&self, place: &str) -> usize {
        std::fs::read_dir(self.dir.path().join(place)).unwrap().count()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.snapshots = None;
        if !std::thread::panicking() {
            assert_eq!((self.entries("work"), self.entries("trash")), (0, 0), "something was left behind");
        }
    }
}

/// Gives all entries one old time, deepest first.
fn age(root: &OwnedFd, listing: &Listing) {
    let time = Timespec { tv_sec: 1_500_000_000, tv_nsec: 5 };
    let times = Timestamps { last_access: time, last_modification: time };
    for entry in listing.entries().iter().rev() {
        rustix::fs::utimensat(root, entry.path.as_path(), &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
    }
    rustix::fs::futimens(root, &times).unwrap();
}

fn shown(listing: &Listing) -> Vec<String> {
    let line = |entry: &Entry| {
        let kind = format!("{:?}", entry.kind);
        format!("{} {}", entry.path, kind.split([' ', '(']).next().unwrap())
    };
    listing.entries().iter().map(line).collect()
}

/// Runs a case with every driver and returns what each gave.
fn with_every_driver<T>(case: impl Fn(&Bench) -> T) -> Vec<T> {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("CI").is_none(), "this suite needs root");
        eprintln!("skipped: needs root");
        return Vec::new();
    }
    [DriverChoice::Overlay, DriverChoice::Copies].map(|choice| case(&Bench::new(choice))).into()
}

fn assert_all_equal<T: PartialEq + std::fmt::Debug>(results: &[T]) {
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "drivers differ: {results:#?}");
}

fn unlink(root: &OwnedFd, name: &str) {
    rustix::fs::unlinkat(root, name, AtFlags::empty()).unwrap();
}

fn stub(target: &str, kind: StubKind) -> Stub {
    Stub { target: path(target), kind }
}

#[test]
fn a_base_is_read_back_with_everything() {
    let results = with_every_driver(|bench| {
        let view = bench.base();
        let mount = bench.snapshots().mount(&view).unwrap();
        // Overlay keeps the number of names, trees of links add one each, so it is left out.
        let lines = dump(&mount).into_iter().map(|line| line.split(" names").next().unwrap().to_owned());
        let lines: Vec<String> = lines.collect();
        assert!(lines.contains(&"/etc/passwd File 644 7:8 1500000000 (\"root\", \"\")".to_owned()), "{lines:#?}");
        assert!(lines.contains(&"/usr/lib/b File 644 0:0 1500000000 (\"B\", \"x\")".to_owned()), "{lines:#?}");
        lines
    });
    assert_all_equal(&results);
}

#[test]
fn a_chain_of_changes_gives_the_same_listings_and_trees() {
    let results = with_every_driver(|bench| {
        let base = bench.base();
        let (one, first) = bench.step(&base, &[], |root| {
            write(root, "top", "changed");
            unlink(root, "usr/lib/b");
            unlink(root, "lib");
            mkdir(root, "lib");
            write(root, "lib/now-a-file", "x");
            rustix::fs::chmodat(root, "etc", Mode::from_raw_mode(0o700), AtFlags::empty()).unwrap();
        });
        let (two, second) = bench.step(&one, &[], |root| {
            write(root, "usr/lib/b", "again");
            rustix::fs::unlinkat(root, "empty", AtFlags::REMOVEDIR).unwrap();
            write(root, "empty", "a file now");
            write(root, "linked", "l");
            rustix::fs::linkat(root, "linked", root, "linked2", AtFlags::empty()).unwrap();
        });
        let (three, third) = bench.step(&two, &[], |_| {});
        assert_eq!((three.clone(), third.is_empty()), (two.clone(), true));
        assert_eq!(names(bench.snapshots().mount(&base).unwrap()).len(), 11, "the parent is as it was");
        let tree = names(bench.snapshots().mount(&three).unwrap());
        (shown(&first), shown(&second), tree)
    });
    for (first, second, tree) in &results {
        assert_eq!(
            first[..],
            [
                "/etc Directory",
                "/lib Directory",
                "/lib/now-a-file File",
                "/top File",
                "/usr/lib Directory",
                "/usr/lib/b Whiteout"
            ]
        );
        assert_eq!(
            second[..],
            ["/empty File", "/linked File", "/linked2 HardLink", "/usr/lib Directory", "/usr/lib/b File"]
        );
        assert!(tree.contains(&"/lib/now-a-file".to_owned()));
    }
    assert_all_equal(&results);
}

#[test]
fn forks_of_one_parent_do_not_see_each_other() {
    with_every_driver(|bench| {
        let base = bench.base();
        let (left, _) = bench.step(&base, &[], |root| write(root, "top", "left"));
        let (right, _) = bench.step(&base, &[], |root| write(root, "right", "r"));
        let (further, _) = bench.step(&left, &[], |root| write(root, "top", "further"));
        let text = |view: &View| {
            let lines = dump(bench.snapshots().mount(view).unwrap());
            lines.into_iter().find(|line| line.starts_with("/top")).unwrap()
        };
        assert!(text(&base).contains("\"T\"") && text(&left).contains("\"left\""));
        assert!(text(&right).contains("\"T\"") && text(&further).contains("\"further\""));
    });
}

#[test]
fn threads_work_over_one_parent() {
    with_every_driver(|bench| {
        let base = bench.base();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let base = base.clone();
                scope.spawn(move || {
                    let mut view = base;
                    for step in 0..5 {
                        view = bench.step(&view, &[], |root| write(root, &format!("{thread}-{step}"), "x")).0;
                    }
                    let seen = names(bench.snapshots().mount(&view).unwrap());
                    let own: Vec<String> = (0..5).map(|step| format!("/{thread}-{step}")).collect();
                    assert_eq!(seen[..5], own);
                    assert_eq!(seen.len(), 11 + 5);
                });
            }
        });
        assert_eq!(bench.entries("deltas"), 21);
    });
}

#[test]
fn stubs_are_there_and_leave_no_trace() {
    let stubs = [
        stub("etc/hosts", StubKind::File),
        stub("etc/passwd", StubKind::File),
        stub("lib/deep/er", StubKind::Directory),
        stub("run/secrets/key", StubKind::File),
        stub("run/secrets/other", StubKind::File),
        stub("empty", StubKind::Directory),
    ];
    let results = with_every_driver(|bench| {
        let base = bench.base();
        let before = dump(bench.snapshots().mount(&base).unwrap());
        let (view, listing) = bench.step(&base, &stubs, |root| {
            let seen = names(root);
            for name in ["/etc/hosts", "/usr/lib/deep/er", "/run/secrets/key", "/run/secrets/other", "/usr/lib/a"] {
                assert!(seen.contains(&name.to_owned()), "{name} in {seen:#?}");
            }
        });
        assert_eq!(shown(&listing), [""; 0]);
        assert_eq!((dump(bench.snapshots().mount(&view).unwrap()), view), (before, base));
    });
    assert_all_equal(&results);
}

#[test]
fn stubs_over_a_whiteout_and_files_beside_a_stub() {
    let results = with_every_driver(|bench| {
        let (without, _) = bench.step(&bench.base(), &[], |root| {
            unlink(root, "etc/passwd");
        });
        let stubs = [stub("etc/passwd", StubKind::File), stub("run/a", StubKind::Directory)];
        let (_, quiet) = bench.step(&without, &stubs, |root| assert!(names(root).contains(&"/etc/passwd".to_owned())));
        assert!(quiet.is_empty(), "{quiet:?}");
        let (_, loud) = bench.step(&without, &stubs, |root| write(root, "run/a/kept", "k"));
        shown(&loud)
    });
    for lines in &results {
        assert!(lines.contains(&"/run/a/kept File".to_owned()), "{lines:?}");
        assert!(!lines.contains(&"/etc/passwd File".to_owned()), "{lines:?}");
    }
}

#[test]
fn whiteouts_and_opaque_directories_of_a_layer() {
    let results = with_every_driver(|bench| {
        let base = bench.base();
        let fresh = bench.snapshots().create().unwrap();
        mkdir(fresh.dir(), "usr");
        mkdir(fresh.dir(), "usr/lib");
        write(fresh.dir(), "usr/lib/new", "n");
        fresh.opaque(&path("usr/lib")).unwrap();
        fresh.whiteout(&path("top")).unwrap();
        let plain = listing(&fresh);
        let mut entries: Vec<Entry> = plain.entries().iter().filter(|e| e.path != path("top")).cloned().collect();
        for entry in &mut entries {
            if entry.path == path("usr/lib") {
                entry.kind = containr_tree::Kind::Directory { opaque: true };
            }
        }
        entries.push(Entry::whiteout(path("top")));
        let id = fresh.commit(&Listing::from_unsorted(entries).unwrap()).unwrap();
        names(bench.snapshots().mount(&base.with(id)).unwrap())
    });
    for names in &results {
        assert!(names.contains(&"/usr/lib/new".to_owned()));
        assert!(!names.iter().any(|name| name == "/top" || name == "/usr/lib/a"), "{names:?}");
    }
    assert_all_equal(&results);
}

#[test]
fn a_lowest_delta_with_a_whiteout_shows_no_device() {
    let results = with_every_driver(|bench| {
        let fresh = bench.snapshots().create().unwrap();
        write(fresh.dir(), "a", "a");
        fresh.whiteout(&path("gone")).unwrap();
        let file = Entry { ..listing(&fresh).get(&path("a")).unwrap().clone() };
        let list = Listing::from_unsorted(vec![file, Entry::whiteout(path("gone"))]).unwrap();
        names(bench.snapshots().mount(&View::new(vec![fresh.commit(&list).unwrap()])).unwrap())
    });
    assert!(results.iter().all(|names| *names == ["/a"]));
}

#[test]
fn the_root_directory_stays_as_its_last_entry_says() {
    with_every_driver(|bench| {
        let fresh = bench.snapshots().create().unwrap();
        rustix::fs::fchmod(fresh.dir(), Mode::from_raw_mode(0o711)).unwrap();
        let root = Entry::directory(path(""), 0o711, 5);
        let base = View::new(vec![fresh.commit(&Listing::from_sorted(vec![root]).unwrap()).unwrap()]);
        let fresh = bench.snapshots().create().unwrap();
        write(fresh.dir(), "f", "f");
        let list = listing(&fresh);
        let view = base.with(fresh.commit(&list).unwrap());
        let mode = |fd: OwnedFd| rustix::fs::fstat(fd).unwrap().st_mode & 0o7777;
        assert_eq!(mode(bench.snapshots().mount(&view).unwrap()), 0o711);
        let active = bench.snapshots().prepare(&view).unwrap();
        assert_eq!(mode(active.mount(&[]).unwrap()), 0o711);
    });
}

#[test]
fn scratch_is_empty_and_can_be_written() {
    let results = with_every_driver(|bench| {
        let scratch = View::default();
        assert_eq!(names(bench.snapshots().mount(&scratch).unwrap()), [""; 0]);
        let (view, listing) = bench.step(&scratch, &[stub("etc/hosts", StubKind::File)], |root| write(root, "f", "f"));
        (shown(&listing), names(bench.snapshots().mount(&view).unwrap()))
    });
    assert!(results.iter().all(|(listing, names)| *listing == ["/f File"] && *names == ["/f"]));
}

#[test]
fn read_only_trees_refuse_writes() {
    with_every_driver(|bench| {
        let mount = bench.snapshots().mount(&bench.base()).unwrap();
        assert_eq!(rustix::fs::unlinkat(&mount, "top", AtFlags::empty()).unwrap_err(), rustix::io::Errno::ROFS);
    });
}

#[test]
fn an_active_tree_can_be_mounted_again() {
    with_every_driver(|bench| {
        let active = bench.snapshots().prepare(&bench.base()).unwrap();
        write(active.mount(&[]).unwrap(), "first", "1");
        write(active.mount(&[]).unwrap(), "second", "2");
        assert_eq!(shown(&bench.diff(&active)), ["/first File", "/second File"]);
    });
}

#[test]
fn dropped_trees_leave_nothing_and_mounts_do_not_pile_up() {
    let mounts = || std::fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count();
    with_every_driver(|bench| {
        let base = bench.base();
        let before = (mounts(), bench.entries("deltas"));
        let fresh = bench.snapshots().create().unwrap();
        mkdir(fresh.dir(), "d");
        write(fresh.dir(), "d/f", "f");
        drop(fresh);
        let active = bench.snapshots().prepare(&base).unwrap();
        let mount = active.mount(&[stub("a/b", StubKind::File)]).unwrap();
        mkdir(&mount, "new");
        drop((mount, active));
        assert_eq!((mounts(), bench.entries("deltas")), before);
    });
}

#[test]
fn a_removed_delta_is_missing() {
    with_every_driver(|bench| {
        let view = bench.base();
        bench.snapshots().remove(&view.deltas()[0]).unwrap();
        bench.snapshots().remove(&view.deltas()[0]).unwrap();
        assert!(matches!(bench.snapshots().mount(&view), Err(SnapshotError::Missing(_))));
        assert!(matches!(bench.snapshots().listing(&view.deltas()[0]), Err(SnapshotError::Missing(_))));
        assert!(matches!(bench.snapshots().prepare(&view), Err(SnapshotError::Missing(_))));
        assert_eq!(bench.entries("deltas"), 0);
    });
}

#[test]
fn a_damaged_listing_is_an_error_that_names_its_delta() {
    with_every_driver(|bench| {
        let view = bench.base();
        let id: &DeltaId = &view.deltas()[0];
        let file = bench.dir.path().join("deltas").join(id.as_str()).join("listing");
        std::fs::write(&file, "torn").unwrap();
        let error = bench.snapshots().listing(id).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot use the listing of delta {id}"));
    });
}

#[test]
fn device_nodes_come_through() {
    let trial = tempfile::tempdir().unwrap();
    let directory = std::fs::File::open(trial.path()).unwrap();
    let null = rustix::fs::makedev(1, 3);
    if rustix::fs::mknodat(&directory, "null", FileType::CharacterDevice, Mode::RUSR, null).is_err() {
        assert!(std::env::var_os("CI").is_none(), "this test needs to make device nodes");
        eprintln!("skipped: needs to make device nodes");
        return;
    }
    let results = with_every_driver(|bench| {
        let (view, listing) = bench.step(&bench.base(), &[], |root| {
            rustix::fs::mknodat(root, "null", FileType::CharacterDevice, Mode::from_raw_mode(0o600), null).unwrap();
        });
        let lines = dump(bench.snapshots().mount(&view).unwrap());
        let line = lines.into_iter().find(|line| line.starts_with("/null")).unwrap();
        assert!(line.ends_with("(1, 3)"), "{line}");
        (listing.digest(Times::Ignored), shown(&listing))
    });
    assert_all_equal(&results);
}

#[test]
fn the_probe_finds_a_driver_that_works() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: needs root");
        return;
    }
    let bench = Bench::new(DriverChoice::Probe);
    let driver = bench.snapshots().driver();
    assert_eq!(Driver::from_name(driver.name()), Some(driver));
    bench.step(&bench.base(), &[], |root| write(root, "f", "f"));
    assert_eq!(bench.entries("work"), usize::from(driver == Driver::Copies) * 2);
}
