//! A store in a temporary directory, a context, and a runner that does to the root what the command's words say.
#![expect(clippy::unwrap_used, reason = "this is test code, which the lint does not see outside of test functions")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use containr_copy::Verdict;
use containr_graph::{
    CachePolicy, Copy, CopyKeyed, CopyKind, CopySource, Graph, Image, Local, Mount, Network, Op, Origin, Run, RunKeyed,
    RunUnkeyed, Security, Step, StepId, Tree, Unpack, Workdir,
};
use containr_oci::Platform;
use containr_progress::{Cancel, Event, Progress, TaskId};
use containr_snapshot::{DriverChoice, SnapshotPaths, Snapshots, View};
use containr_solve::{
    Chain, Explain, Fetcher, LocalContext, PortError, RunOutcome, RunRequest, Runner, SolveError, SolveOptions, Solver,
    solve,
};
use containr_store::{Store, StoreOptions};
use containr_tree::{DigestCache, Kind, Moment, TreePath};
use rustix::fs::{Mode, OFlags, ResolveFlags};
use tempfile::TempDir;

/// One store with one context.
pub(crate) struct Place {
    root: TempDir,
    pub(crate) store: Store,
    pub(crate) snapshots: Snapshots,
    pub(crate) runs: AtomicUsize,
    pub(crate) fetches: AtomicUsize,
    pub(crate) events: Mutex<Vec<Event>>,
    /// Seconds since 1970.
    pub(crate) now: AtomicU64,
    pub(crate) epoch: Option<i64>,
    pub(crate) image: View,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with_driver(DriverChoice::Probe)
    }

    pub(crate) fn with_driver(driver: DriverChoice) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("context")).unwrap();
        let options = StoreOptions { boot_id: "boot".to_owned(), now: || 1000 };
        let store = Store::open(&root.path().join("store"), &options).unwrap();
        let paths = SnapshotPaths::from(&store);
        let snapshots = Snapshots::open(&paths, driver).unwrap();
        Self {
            root,
            store,
            snapshots,
            runs: AtomicUsize::new(0),
            fetches: AtomicUsize::new(0),
            events: Mutex::default(),
            now: AtomicU64::new(2_000_000_000),
            epoch: None,
            image: View::default(),
        }
    }

    pub(crate) fn context(&self) -> PathBuf {
        self.root.path().join("context")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.context().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn build(&self, graph: &Graph, target: StepId) -> Result<Chain, SolveError> {
        self.runs.store(0, Ordering::SeqCst);
        self.events.lock().unwrap().clear();
        self.solve(graph, target)
    }

    /// Builds without forgetting what was counted.
    pub(crate) fn solve(&self, graph: &Graph, target: StepId) -> Result<Chain, SolveError> {
        let digests =
            DigestCache::open(&self.root.path().join("digests"), Moment { seconds: i64::MAX, nanoseconds: 0 });
        let context = LocalContext {
            root: File::open(self.context()).unwrap().into(),
            ignore: Box::new(|_| Verdict::Kept),
            digests: Mutex::new(digests),
        };
        let solver = Solver {
            store: &self.store,
            snapshots: &self.snapshots,
            runner: self,
            fetcher: self,
            contexts: &BTreeMap::from([("context".to_owned(), context)]),
            progress: self,
            cancel: &Cancel::new(),
            clock: &|| self.now.load(Ordering::SeqCst) * 1000,
            options: SolveOptions {
                reproducible: self.epoch,
                fidelity: "full".to_owned(),
                threads: NonZeroUsize::new(2).unwrap(),
                steps: NonZeroUsize::new(2).unwrap(),
                explain: Explain::No,
                compress: None,
                scope: "test".to_owned(),
            },
        };
        solve(&solver, graph, &[target]).map(|mut chains| chains.remove(0))
    }

    /// Returns a line per entry of the merged listings of a chain's own layers.
    pub(crate) fn listed(&self, chain: &Chain) -> Vec<String> {
        let mut lines = Vec::new();
        for delta in chain.deltas() {
            for entry in self.snapshots.listing(&delta).unwrap().entries() {
                let kind = match &entry.kind {
                    Kind::Directory { .. } => "d",
                    Kind::File { .. } => "f",
                    Kind::HardLink { .. } => "h",
                    Kind::Symlink { .. } => "l",
                    Kind::Whiteout => "w",
                    _ => "?",
                };
                lines.push(format!("{} {kind} {:o} {}:{}", entry.path, entry.mode, entry.uid, entry.gid));
            }
        }
        lines
    }

    pub(crate) fn read(&self, chain: &Chain, path: &str) -> String {
        let view = View::new(self.image.deltas().iter().cloned().chain(chain.deltas()).collect());
        let root = self.snapshots.mount(&view).unwrap();
        read(&root, path)
    }

    /// Returns how many entries the store has in its work and delta directories: nothing may stay half-made.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let count = |path: PathBuf| fs::read_dir(path).unwrap().count();
        (count(self.store.work_dir()), count(self.store.deltas_dir()))
    }
}

fn read(root: &OwnedFd, path: &str) -> String {
    let inside = ResolveFlags::IN_ROOT;
    let fd = rustix::fs::openat2(root, path, OFlags::RDONLY, Mode::empty(), inside).unwrap();
    let mut text = String::new();
    File::from(fd).read_to_string(&mut text).unwrap();
    text
}

fn write(root: &OwnedFd, path: &str, text: &str) {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC;
    let fd = rustix::fs::openat2(root, path, flags, Mode::from_raw_mode(0o644), ResolveFlags::IN_ROOT).unwrap();
    File::from(fd).write_all(text.as_bytes()).unwrap();
}

impl Runner for Place {
    /// Knows `write PATH TEXT`, `copy FROM TO` (FROM in the first mount), `env NAME PATH`, `count PATH` (in the first mount), `say TEXT`, `exit CODE`.
    fn run(&self, request: RunRequest<'_>) -> Result<RunOutcome, PortError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        let words: Vec<&str> = request.op.keyed.args[0].split(' ').collect();
        match words.as_slice() {
            ["write", path, text] => write(&request.root, path, text),
            ["copy", from, to] => {
                let mount = &request.mounts[0];
                let path = mount.source.join(from.trim_start_matches('/').as_bytes());
                write(&request.root, to, &read(&mount.tree, path.as_path().to_str().unwrap()));
            }
            ["env", name, path] => {
                let prefix = format!("{name}=");
                let value = request.extra_env.iter().find_map(|v| v.strip_prefix(&prefix)).unwrap_or("unset");
                write(&request.root, path, value);
            }
            ["count", path] => {
                let tree = &request.mounts[0].tree;
                let known = rustix::fs::accessat(tree, *path, rustix::fs::Access::EXISTS, rustix::fs::AtFlags::empty());
                let number = known.map_or(0, |()| read(tree, path).parse::<u32>().unwrap());
                write(tree, path, &(number + 1).to_string());
                write(&request.root, path, &number.to_string());
            }
            ["say", text] => request.log.write_all(text.as_bytes()).unwrap(),
            ["exit", code] => return Ok(RunOutcome::Exited(code.parse().unwrap())),
            ["true"] => {}
            other => panic!("unknown command {other:?}"),
        }
        Ok(RunOutcome::Exited(0))
    }
}

impl Fetcher for Place {
    fn layers(&self, _: &Image, _: TaskId, _: &Cancel) -> Result<View, PortError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        Ok(self.image.clone())
    }
}

impl Progress for Place {
    fn event(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }
}

/// Makes steps one after the other.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) graph: Graph,
}

impl Script {
    pub(crate) fn push(&mut self, parent: Option<StepId>, op: Op) -> StepId {
        let parent = parent.map_or(Tree::Scratch, Tree::Step);
        self.graph.push(Step {
            name: format!("[{}] {op:?}", self.graph.steps().len() + 1),
            op,
            parent,
            platform: Platform::native(),
            origin: Origin::Synthetic,
            cache: CachePolicy::Use,
        })
    }

    pub(crate) fn context(&mut self) -> StepId {
        self.push(None, Op::Local(Local { name: "context".to_owned() }))
    }

    pub(crate) fn image(&mut self, diff_id: containr_oci::Digest) -> StepId {
        let image = Image { reference: "base".to_owned(), manifest: None, config: diff_id, diff_ids: vec![diff_id] };
        self.push(None, Op::Image(image))
    }

    pub(crate) fn run(&mut self, parent: Option<StepId>, command: &str, mounts: Vec<Mount>) -> StepId {
        let keyed = RunKeyed {
            args: vec![command.to_owned()],
            env: Vec::new(),
            cwd: "/".to_owned(),
            user: String::new(),
            network: Network::Default,
            security: Security::Sandbox,
            hostname: None,
            mounts,
            files: Vec::new(),
            shm_size: None,
            limits: Vec::new(),
        };
        self.push(parent, Op::Run(Run { keyed, unkeyed: RunUnkeyed::default() }))
    }

    pub(crate) fn copy(&mut self, parent: Option<StepId>, from: StepId, kind: CopyKind, words: &[&str]) -> StepId {
        let (destination, sources) = words.split_last().unwrap();
        let keyed = CopyKeyed {
            kind,
            sources: sources.iter().map(|s| CopySource::Path((*s).to_owned())).collect(),
            destination: (*destination).to_owned(),
            chown: None,
            chmod: None,
            link: false,
            parents: false,
            excludes: Vec::new(),
            unpack: Unpack::Auto,
        };
        self.push(parent, Op::Copy(Copy { from: Tree::Step(from), keyed }))
    }

    pub(crate) fn workdir(&mut self, parent: Option<StepId>, path: &str, user: &str) -> StepId {
        self.push(parent, Op::Workdir(Workdir { path: path.to_owned(), user: user.to_owned() }))
    }
}

pub(crate) fn path(text: &str) -> TreePath {
    TreePath::new(text.as_bytes()).unwrap()
}

/// Returns whether the test can mount; says so when not, and fails where it must be able to.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn can_mount() -> bool {
    let root = rustix::process::geteuid().is_root();
    assert!(root || std::env::var_os("CI").is_none(), "these tests need root");
    if !root {
        eprintln!("skipped: needs root");
    }
    root
}

/// Returns the inode of a file in the delta of one layer.
pub(crate) fn inode(place: &Place, chain: &Chain, layer: usize, name: &str) -> u64 {
    let delta = chain.layers[layer].delta.as_ref().unwrap();
    let directory = place.snapshots.delta_dir(delta).unwrap();
    rustix::fs::statat(directory.as_fd(), name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW).unwrap().st_ino
}
