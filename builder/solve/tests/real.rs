//! Whole builds on a real store, in overlay mounts, with a runner that needs no sandbox.
#![expect(clippy::unwrap_used, reason = "this is test code, which the lint does not see outside of test functions")]

mod place;

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::Ordering;

use containr_graph::{
    Access, Bind, CacheMount, CachePolicy, CopyKind, Graph, Mount, MountKind, Op, Secret, Sharing, StepId, Tree,
};
use containr_progress::{Event, Outcome};
use containr_snapshot::{DriverChoice, View};
use containr_solve::StepError;
use containr_tree::{Entry, Kind, Listing};

use place::{Place, Script, can_mount, inode, path};

fn outcomes(place: &Place, wanted: &Outcome) -> usize {
    let events = place.events.lock().unwrap();
    events.iter().filter(|event| matches!(event, Event::Finished(_, outcome) if outcome == wanted)).count()
}

/// COPY, RUN and WORKDIR on scratch.
fn three_steps() -> (Graph, StepId) {
    let mut script = Script::default();
    let context = script.context();
    let copy = script.copy(None, context, CopyKind::CopyContext, &["src", "/app/"]);
    let run = script.run(Some(copy), "write app/made yes", vec![]);
    let workdir = script.workdir(Some(run), "/data/deep", "7:8");
    (script.graph, workdir)
}

fn builds_and_then_hits(place: &Place) {
    place.write("src/a", "one");
    let (graph, target) = three_steps();
    let first = place.build(&graph, target).unwrap();
    let expected = [
        "/app d 755 0:0",
        "/app/a f 644 0:0",
        "/app d 755 0:0",
        "/app/made f 644 0:0",
        "/dev d 755 0:0",
        "/proc d 755 0:0",
        "/sys d 755 0:0",
        "/data d 755 7:8",
        "/data/deep d 755 7:8",
    ];
    assert_eq!(place.listed(&first), expected);
    assert_eq!(place.read(&first, "app/made"), "yes");
    let counts = place.counts();
    assert_eq!(counts.1, 3, "one delta a step");
    let second = place.build(&graph, target).unwrap();
    assert_eq!(second, first);
    assert_eq!((place.runs.load(Ordering::SeqCst), place.counts()), (0, counts));
    assert_eq!(outcomes(place, &Outcome::Done), 0);
}

#[test]
fn a_build_hits_the_second_time_in_overlay_mounts() {
    if can_mount() {
        let place = Place::new();
        builds_and_then_hits(&place);
        assert_eq!(place.counts().0, 0, "nothing stays half-made");
    }
}

#[test]
fn a_build_hits_the_second_time_with_copies() {
    if can_mount() {
        builds_and_then_hits(&Place::with_driver(DriverChoice::Copies));
    }
}

#[test]
fn drivers_give_equal_layers() {
    if !can_mount() {
        return;
    }
    let layers = |driver| {
        let place = Place::with_driver(driver);
        place.write("src/a", "one");
        fs::File::options()
            .write(true)
            .open(place.context().join("src/a"))
            .unwrap()
            .set_modified(std::time::UNIX_EPOCH)
            .unwrap();
        let (graph, target) = three_steps();
        let chain = place.build(&graph, target).unwrap();
        (chain.id, place.listed(&chain))
    };
    assert_eq!(layers(DriverChoice::Overlay), layers(DriverChoice::Copies));
}

#[test]
fn only_what_a_change_reaches_runs_again() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    place.write("src/a", "one");
    place.write("src/b", "two");
    place.write("other", "unread");
    let (graph, target) = three_steps();
    let first = place.build(&graph, target).unwrap();
    place.write("other", "changed");
    assert_eq!(place.build(&graph, target).unwrap(), first);
    place.write("src/b", "changed");
    let second = place.build(&graph, target).unwrap();
    assert_eq!(place.runs.load(Ordering::SeqCst), 1);
    assert_ne!(second.id, first.id);
    assert_eq!(place.read(&second, "app/b"), "changed");
    assert_eq!(inode(&place, &first, 0, "app/a"), inode(&place, &second, 0, "app/a"), "what did not change is linked");
    assert_eq!(place.read(&first, "app/b"), "two", "the older tree stays as it was");
}

#[test]
fn a_step_that_changes_nothing_is_an_empty_layer() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut script = Script::default();
    let base = script.run(None, "write a 1", vec![]);
    let same = script.run(Some(base), "true", vec![]);
    let workdir = script.workdir(Some(same), "/", "");
    let context = script.context();
    let nothing = script.copy(Some(workdir), context, CopyKind::CopyContext, &["none*", "/x/"]);
    let chain = place.build(&script.graph, nothing).unwrap();
    assert_eq!(chain.layers.len(), 4);
    assert!(chain.layers[1..].iter().all(|layer| layer.delta.is_none()));
    assert_eq!(chain.layers[1].diff_id, chain.layers[3].diff_id);
    assert!(place.store.layer(&chain.layers[1].diff_id).unwrap().is_some(), "whoever writes the image finds its size");
}

#[test]
fn copy_from_a_stage_is_content() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let build = |extra: &str| {
        let mut script = Script::default();
        let stage = script.run(None, "write wanted same", vec![]);
        let stage = script.run(Some(stage), extra, vec![]);
        let copy = script.copy(None, stage, CopyKind::CopyFrom, &["/wanted", "/got"]);
        let run = script.run(Some(copy), "write after 1", vec![]);
        let chain = place.build(&script.graph, run).unwrap();
        (chain, place.runs.load(Ordering::SeqCst))
    };
    let (first, runs) = build("write noise 1");
    assert_eq!((runs, place.read(&first, "got")), (3, "same".to_owned()));
    // The stage is another one, but not what is taken from it.
    let (second, runs) = build("write noise 2");
    assert_eq!((runs, second), (1, first));
}

#[test]
fn a_stage_without_the_cache_reaches_later_stages() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    // The clock is what the command finds outside.
    let graph = |text: &str, cache: CachePolicy| {
        let mut script = Script::default();
        let mut graph = Graph::new();
        let stage = script.run(None, &format!("write out {text}"), vec![]);
        let middle = script.run(Some(stage), "true", vec![]);
        let last = script.copy(None, middle, CopyKind::CopyFrom, &["/out", "/out"]);
        for id in script.graph.ids() {
            let mut step = script.graph.step(id).clone();
            if id == stage {
                step.cache = cache;
            }
            graph.push(step);
        }
        (graph, last)
    };
    let (before, last) = graph("old", CachePolicy::Use);
    place.build(&before, last).unwrap();
    let (after, last) = graph("new", CachePolicy::Ignore);
    let chain = place.build(&after, last).unwrap();
    assert_eq!(place.read(&chain, "out"), "new");
}

#[test]
fn an_image_is_fetched_only_when_somebody_looks_inside() {
    if !can_mount() {
        return;
    }
    let mut place = Place::new();
    let fresh = place.snapshots.create().unwrap();
    rustix::fs::mkdirat(fresh.dir(), "etc", rustix::fs::Mode::from_raw_mode(0o755)).unwrap();
    let listing = Listing::from_unsorted(vec![Entry::directory(path("etc"), 0o755, 0)]).unwrap();
    place.image = View::new(vec![fresh.commit(&listing).unwrap()]);
    let mut script = Script::default();
    let image = script.image(containr_oci::Digest::of(b"layer"));
    let run = script.run(Some(image), "write etc/new 1", vec![]);
    let copy = script.copy(None, run, CopyKind::CopyFrom, &["/etc", "/etc"]);
    let chain = place.build(&script.graph, copy).unwrap();
    assert_eq!(place.fetches.swap(0, Ordering::SeqCst), 1);
    assert_eq!(place.build(&script.graph, copy).unwrap(), chain);
    assert_eq!(place.fetches.load(Ordering::SeqCst), 0);
}

#[test]
fn a_step_begins_when_its_image_is_there() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut script = Script::default();
    let image = script.image(containr_oci::Digest::of(b"layer"));
    let run = script.run(Some(image), "write new 1", vec![]);
    place.build(&script.graph, run).unwrap();
    let events = place.events.lock().unwrap();
    let moments: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Started(task) => Some((*task, "started")),
            Event::Finished(task, _) => Some((*task, "finished")),
            _ => None,
        })
        .collect();
    let [(image, "started"), (same, "finished"), (run, "started"), (ended, "finished")] = moments[..] else {
        panic!("{moments:?}");
    };
    assert_eq!((image, run), (same, ended));
}

#[test]
fn add_unpacks_an_archive() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    place.write("tree/a", "in the archive");
    let archive = place.context().join("a.tar.gz");
    let made =
        Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(place.context().join("tree")).arg("a").status();
    assert!(made.unwrap().success());
    let mut script = Script::default();
    let context = script.context();
    let add = script.copy(None, context, CopyKind::Add, &["a.tar.gz", "tree/a", "/x/"]);
    let chain = place.build(&script.graph, add).unwrap();
    assert_eq!(place.listed(&chain), ["/x d 755 0:0", "/x/a f 644 0:0"]);
    assert_eq!(place.read(&chain, "x/a"), "in the archive");
}

fn mount(target: &str, kind: MountKind) -> Vec<Mount> {
    vec![Mount { target: target.to_owned(), kind }]
}

fn bind(from: StepId, source: &str) -> Vec<Mount> {
    let bind = Bind { from: Tree::Step(from), source: source.to_owned(), access: Access::ReadOnly };
    mount("/mnt", MountKind::Bind(bind))
}

#[test]
fn commands_see_stages_and_contexts_through_binds() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    place.write("dir/file", "from the context");
    let mut script = Script::default();
    let context = script.context();
    let stage = script.run(None, "write made stage", vec![]);
    let one = script.run(None, "copy /made one", bind(stage, "/"));
    let two = script.run(Some(one), "copy /file two", bind(context, "dir"));
    let chain = place.build(&script.graph, two).unwrap();
    assert_eq!((place.read(&chain, "one").as_str(), place.read(&chain, "two").as_str()), ("stage", "from the context"));
    assert!(!place.listed(&chain).iter().any(|line| line.starts_with("/mnt")), "no mount point stays in a layer");
    place.write("dir/file", "changed");
    let chain = place.build(&script.graph, two).unwrap();
    assert_eq!(place.read(&chain, "two"), "changed");
}

#[test]
fn caches_survive_builds_and_are_no_part_of_the_result() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let cache = |sharing| {
        let (from, source, access) = (Tree::Scratch, "/".to_owned(), Access::ReadWrite);
        let cache = CacheMount { id: "c".to_owned(), sharing, from, source, access, mode: 0o711, uid: 3, gid: 4 };
        mount("/cache", MountKind::Cache(cache))
    };
    for (round, sharing) in [Sharing::Shared, Sharing::Locked, Sharing::Private].into_iter().enumerate() {
        let mut script = Script::default();
        let run = script.run(None, "count number", cache(sharing));
        let chain = place.build(&script.graph, run).unwrap();
        assert_eq!(place.read(&chain, "number"), round.to_string());
    }
}

#[test]
fn what_is_not_there_yet_is_said() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let secret = Secret { id: "s".to_owned(), env: None, required: false, mode: 0o400, uid: 0, gid: 0 };
    let mut script = Script::default();
    let run = script.run(None, "true", mount("/s", MountKind::Secret(secret)));
    let error = place.build(&script.graph, run).unwrap_err();
    assert!(matches!(*error.cause, StepError::Unsupported(_)), "{error}");
}

#[test]
fn a_failed_command_leaves_nothing() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut script = Script::default();
    let run = script.run(None, "exit 7", vec![]);
    let after = script.run(Some(run), "write never 1", vec![]);
    let error = place.build(&script.graph, after).unwrap_err();
    assert!(matches!(*error.cause, StepError::Exit(7)));
    assert_eq!(error.step, run);
    assert_eq!((place.counts(), place.runs.load(Ordering::SeqCst)), ((0, 0), 1));
}

#[test]
fn two_builds_at_once_run_each_step_once() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut script = Script::default();
    let mut parent = None;
    for number in 0..8 {
        parent = Some(script.run(parent, &format!("write f{number} x"), vec![]));
    }
    let build = || place.solve(&script.graph, parent.unwrap()).unwrap();
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(build);
        (build(), other.join().unwrap())
    });
    assert_eq!(one, two);
    assert_eq!((place.runs.load(Ordering::SeqCst), place.counts()), (8, (0, 8)));
}

#[test]
fn a_linked_copy_is_made_once_for_two_parents() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    place.write("a", "linked");
    let build = |below: &str| {
        let mut script = Script::default();
        let context = script.context();
        let parent = script.run(None, below, vec![]);
        let copy = script.copy(Some(parent), context, CopyKind::CopyContext, &["a", "/x/"]);
        let mut graph = Graph::new();
        for id in script.graph.ids() {
            let mut step = script.graph.step(id).clone();
            if let Op::Copy(op) = &mut step.op {
                op.keyed.link = true;
            }
            graph.push(step);
        }
        place.build(&graph, copy).unwrap()
    };
    let (one, two) = (build("write b 1"), build("write b 2"));
    assert_eq!(one.layers[1].delta, two.layers[1].delta);
    assert_ne!(one.id, two.id);
    assert_eq!((place.read(&two, "b").as_str(), place.read(&two, "x/a").as_str()), ("2", "linked"));
}

#[test]
fn output_is_kept_as_a_blob() {
    if !can_mount() {
        return;
    }
    let place = Place::new();
    let mut script = Script::default();
    let run = script.run(None, "say hello", vec![]);
    let chain = place.build(&script.graph, run).unwrap();
    let row = place.store.result_by_id(&chain.id).unwrap().unwrap();
    assert_eq!(place.store.read_blob(&row.log.unwrap()).unwrap().unwrap(), b"hello");
}

#[test]
fn reproducible_builds_agree_on_every_byte_in_two_stores_at_two_times() {
    if !can_mount() {
        return;
    }
    let layers = |now: u64| {
        let mut place = Place::new();
        place.epoch = Some(1_000_000);
        place.now.store(now, Ordering::SeqCst);
        place.write("src/a", "one");
        let mut file = fs::File::options().append(true).open(place.context().join("src/a")).unwrap();
        file.write_all(b"!").unwrap();
        let mut script = Script::default();
        let context = script.context();
        let copy = script.copy(None, context, CopyKind::CopyContext, &["src", "/app/"]);
        let run = script.run(Some(copy), "env SOURCE_DATE_EPOCH app/epoch", vec![]);
        let workdir = script.workdir(Some(run), "/data", "");
        let chain = place.build(&script.graph, workdir).unwrap();
        assert_eq!(place.read(&chain, "app/epoch"), "1000000");
        for delta in chain.deltas() {
            let listing = place.snapshots.listing(&delta).unwrap();
            assert!(listing.entries().iter().all(|e| e.mtime <= 1_000_000 || matches!(e.kind, Kind::Whiteout)));
        }
        (chain.id, chain.layers.iter().map(|layer| layer.diff_id).collect::<Vec<_>>())
    };
    assert_eq!(layers(1_800_000_000), layers(1_900_000_000));
}
