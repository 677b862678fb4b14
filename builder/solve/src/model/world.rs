//! The model: a store in maps, commands as functions of their inputs, and counters of what was done.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

use containr_graph::{
    CachePolicy, Copy, CopyKeyed, CopyKind, CopySource, Graph, Network, Op, Origin, Run, RunKeyed, RunUnkeyed,
    Security, Step, StepId, Tree, Unpack,
};
use containr_oci::{Digest, Platform};
use containr_progress::{Cancel, Event, Progress};
use containr_store::{DeltaId, ResultId, ResultRow, StepKey, StoreError};

use crate::chain::Chain;
use crate::error::{SolveError, StepError};
use crate::port::{Guard, Lookup};
use crate::steps::{Explain, Job, Made, Settings, Trees, Workshop, run};

/// Small numbers from a seed.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }
}

/// Everything outside of the solver.
#[derive(Default)]
pub(super) struct World {
    rows: Mutex<Rows>,
    freed: Condvar,
    /// What commands that look at the world outside find there.
    dice: AtomicU64,
    runs: AtomicUsize,
    fail_at: AtomicUsize,
    discarded: AtomicUsize,
    threads: Mutex<HashSet<std::thread::ThreadId>>,
    told: Mutex<Vec<String>>,
}

#[derive(Default)]
struct Rows {
    by_key: HashMap<StepKey, (usize, ResultRow)>,
    locked: HashSet<StepKey>,
    working: HashMap<StepKey, usize>,
    most_at_once: usize,
}

impl Lookup for World {
    fn result(&self, key: &StepKey) -> Result<Option<ResultRow>, StoreError> {
        Ok(self.rows.lock().unwrap().by_key.get(key).map(|(_, row)| row.clone()))
    }

    fn record(&self, row: &ResultRow) -> Result<ResultRow, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let mut row = row.clone();
        if let Some((_, older)) = rows.by_key.values().filter(|(_, r)| r.id == row.id).min_by_key(|(n, _)| *n) {
            (row.delta, row.diff_id) = (older.delta.clone(), older.diff_id);
        }
        let number = rows.by_key.len();
        rows.by_key.insert(row.key, (number, row.clone()));
        Ok(row)
    }

    fn nearest(&self, label: &str) -> Result<Option<ResultRow>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let newest = rows.by_key.values().filter(|(_, row)| row.label == label).max_by_key(|(number, _)| *number);
        Ok(newest.map(|(_, row)| row.clone()))
    }

    fn lock<'a>(&'a self, key: &StepKey, _: &Cancel, _: &mut dyn FnMut()) -> Result<Box<dyn Guard + 'a>, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        while !rows.locked.insert(*key) {
            rows = self.freed.wait(rows).unwrap();
        }
        Ok(Box::new(Place(self, *key)))
    }
}

struct Place<'a>(&'a World, StepKey);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.rows.lock().unwrap().locked.remove(&self.1);
        self.0.freed.notify_all();
    }
}

/// The key of a job as the solver makes it, for counting who works on what.
fn key_of(job: &Job<'_>) -> StepKey {
    let mut hash = Vec::new();
    hash.extend_from_slice(&job.trees.chain(job.step.parent).id.0);
    hash.extend_from_slice(format!("{:?}", keyed(&job.step.op)).as_bytes());
    for tree in job.step.inputs().into_iter().skip(1) {
        hash.extend_from_slice(&content(&job.trees.chain(tree)));
    }
    StepKey(Digest::of(&hash).bytes().try_into().unwrap())
}

fn keyed(op: &Op) -> String {
    match op {
        Op::Run(run) => format!("{:?}", run.keyed),
        Op::Copy(copy) => format!("{:?}", copy.keyed),
        _ => String::new(),
    }
}

/// What a tree holds: the outcomes of its steps.
fn content(chain: &Chain) -> Vec<u8> {
    chain.layers.iter().flat_map(|layer| layer.diff_id.bytes().to_vec()).collect()
}

impl Workshop for World {
    type Prepared = ();

    fn inputs(&self, step: &Step, trees: &Trees<'_>) -> Result<(Vec<[u8; 32]>, ()), StepError> {
        self.threads.lock().unwrap().insert(std::thread::current().id());
        // A COPY takes all of its source: its id is the content, whatever led there.
        let id = |tree: &Tree| Digest::of(&content(&trees.chain(*tree))).bytes().try_into().unwrap();
        Ok((step.inputs().iter().skip(1).map(id).collect(), ()))
    }

    fn bring(&self, _: &Step, _: &Trees<'_>) -> Result<(), StepError> {
        Ok(())
    }

    fn work(&self, job: &Job<'_>, (): ()) -> Result<Made, StepError> {
        let key = key_of(job);
        {
            let mut rows = self.rows.lock().unwrap();
            let working = rows.working.entry(key).or_default();
            *working += 1;
            rows.most_at_once = rows.most_at_once.max(rows.working[&key]);
        }
        std::thread::yield_now();
        let number = self.runs.fetch_add(1, Ordering::SeqCst) + 1;
        let made = self.made(job);
        *self.rows.lock().unwrap().working.get_mut(&key).unwrap() -= 1;
        if number == self.fail_at.load(Ordering::SeqCst) { Err(StepError::Exit(1)) } else { Ok(made) }
    }

    fn discard(&self, _: &DeltaId) {
        self.discarded.fetch_add(1, Ordering::SeqCst);
    }

    fn brought(&self, _: StepId) -> bool {
        false
    }
}

impl World {
    /// Returns a world without records in which the same commands have the same outcomes.
    pub(super) fn with_outcomes(other: &Self) -> Self {
        Self { dice: AtomicU64::new(other.dice.load(Ordering::SeqCst)), ..Self::default() }
    }

    /// The outcome is a function of what the step sees, and of the world where the command looks at it.
    fn made(&self, job: &Job<'_>) -> Made {
        let seen = match &job.step.op {
            Op::Run(run) => {
                let dice = run.keyed.args.iter().any(|word| word.contains("dice"));
                let outside = if dice { self.dice.load(Ordering::SeqCst) } else { 0 };
                let below = content(&job.trees.chain(job.step.parent));
                format!("{:?} {:?} {below:?} {outside}", run.keyed.args, run.keyed.env)
            }
            Op::Copy(copy) => format!("{:?} {:?}", copy.keyed, content(&job.trees.chain(copy.from))),
            _ => unreachable!("the model has two ops"),
        };
        let outcome = Digest::of(seen.as_bytes());
        let delta = Some(DeltaId::random().unwrap());
        Made { listing: outcome, delta, diff_id: outcome, bytes: 0, log: None }
    }

    pub(super) fn build(&self, graph: &Graph, targets: &[StepId]) -> Result<Vec<Chain>, SolveError> {
        let cancel = Cancel::new();
        self.told.lock().unwrap().clear();
        self.threads.lock().unwrap().clear();
        let settings = Settings {
            lookup: self,
            progress: self,
            cancel: &cancel,
            clock: &|| 0,
            fidelity: "full",
            epoch: None,
            scope: "model",
            explain: Explain::Yes,
            most_threads: 4,
        };
        run(&settings, self, graph, targets)
    }

    /// Returns what each tree holds, without names that differ from store to store.
    pub(super) fn contents(chains: &[Chain]) -> Vec<(ResultId, Vec<u8>)> {
        chains.iter().map(|chain| (chain.id, content(chain))).collect()
    }

    pub(super) fn fail_at(&self, run: u64) {
        let from = if run == 0 { 0 } else { self.runs() + usize::try_from(run).unwrap() };
        self.fail_at.store(from, Ordering::SeqCst);
    }

    pub(super) fn reroll(&self) {
        self.dice.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn forget_runs(&self) {
        self.runs.store(0, Ordering::SeqCst);
    }

    pub(super) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    pub(super) fn discarded(&self) -> usize {
        self.discarded.load(Ordering::SeqCst)
    }

    /// Returns how many threads beside the caller's looked at steps in the last build.
    pub(super) fn threads(&self) -> usize {
        self.threads.lock().unwrap().iter().filter(|id| **id != std::thread::current().id()).count()
    }

    pub(super) fn keys(&self) -> usize {
        self.rows.lock().unwrap().by_key.len()
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.rows.lock().unwrap().most_at_once
    }

    pub(super) fn explained(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

impl Progress for World {
    fn event(&self, event: Event) {
        if let Event::Explained { text, .. } = event {
            self.told.lock().unwrap().push(text);
        }
    }
}

pub(super) fn command(text: &str) -> RunKeyed {
    RunKeyed {
        args: vec![text.to_owned()],
        env: Vec::new(),
        cwd: "/".to_owned(),
        user: String::new(),
        network: Network::Default,
        security: Security::Sandbox,
        hostname: None,
        mounts: Vec::new(),
        files: Vec::new(),
        shm_size: None,
        limits: Vec::new(),
    }
}

pub(super) fn run_step(keyed: RunKeyed) -> Step {
    Step {
        op: Op::Run(Run { keyed, unkeyed: RunUnkeyed::default() }),
        parent: Tree::Scratch,
        platform: Platform::native(),
        name: "[stage 1/1] RUN".to_owned(),
        origin: Origin::Synthetic,
        cache: CachePolicy::Use,
    }
}

fn tree(step: Option<StepId>) -> Tree {
    step.map_or(Tree::Scratch, Tree::Step)
}

pub(super) fn push_run(graph: &mut Graph, parent: Option<StepId>, text: &str, cache: CachePolicy) -> StepId {
    graph.push(Step { parent: tree(parent), cache, ..run_step(command(text)) })
}

pub(super) fn push_env(graph: &mut Graph, text: &str, env: &str) -> StepId {
    graph.push(run_step(RunKeyed { env: vec![env.to_owned()], ..command(text) }))
}

pub(super) fn copy_keyed(destination: &str) -> CopyKeyed {
    CopyKeyed {
        kind: CopyKind::CopyFrom,
        sources: vec![CopySource::Path("/".to_owned())],
        destination: destination.to_owned(),
        chown: None,
        chmod: None,
        link: false,
        parents: false,
        excludes: Vec::new(),
        unpack: Unpack::Auto,
    }
}

pub(super) fn copy_step(parent: Option<StepId>, from: StepId, keyed: CopyKeyed) -> Step {
    let op = Op::Copy(Copy { from: Tree::Step(from), keyed });
    Step { op, parent: tree(parent), ..run_step(command("")) }
}

pub(super) fn push_copy(graph: &mut Graph, parent: Option<StepId>, from: StepId, destination: &str) -> StepId {
    graph.push(copy_step(parent, from, copy_keyed(destination)))
}

pub(super) fn push_linked(graph: &mut Graph, parent: Option<StepId>, from: StepId) -> StepId {
    graph.push(copy_step(parent, from, CopyKeyed { link: true, ..copy_keyed("/linked") }))
}

/// Makes a graph of at most `most` steps, with few different commands.
pub(super) fn graph(numbers: &mut Numbers, most: u64) -> Graph {
    let mut graph = Graph::new();
    for _ in 0..numbers.below(most) + 1 {
        push_any(&mut graph, numbers);
    }
    graph
}

fn push_any(graph: &mut Graph, numbers: &mut Numbers) {
    let ids: Vec<StepId> = graph.ids().collect();
    let any = |numbers: &mut Numbers| ids[usize::try_from(numbers.below(ids.len() as u64)).unwrap()];
    let parent = if ids.is_empty() || numbers.below(4) == 0 { None } else { Some(any(numbers)) };
    match numbers.below(4) {
        0 if !ids.is_empty() => _ = push_copy(graph, parent, any(numbers), "/copied"),
        1 if !ids.is_empty() => _ = push_linked(graph, parent, any(numbers)),
        number => _ = push_run(graph, parent, &format!("command {}", number % 3), CachePolicy::Use),
    }
}

/// Returns the graph with one command changed.
pub(super) fn edit(old: &Graph, numbers: &mut Numbers) -> Graph {
    let changed = usize::try_from(numbers.below(old.steps().len() as u64)).unwrap();
    let mut graph = Graph::new();
    for (index, step) in old.steps().iter().enumerate() {
        let mut step = step.clone();
        if let (true, Op::Run(run)) = (index == changed, &mut step.op) {
            run.keyed.args = vec![format!("edited {}", numbers.below(3))];
        }
        graph.push(step);
    }
    graph
}

/// Returns the number of different keys that a list of steps has on an empty tree.
pub(super) fn distinct_keys(steps: &[Step]) -> usize {
    let key = |step: &Step| {
        let others = vec![[7; 32]; step.inputs().len() - 1];
        let inputs = containr_graph::Inputs { parent: [1; 32], others: &others, fidelity: "full", epoch: None };
        containr_graph::KeyMaterial::of(step, &inputs).key()
    };
    steps.iter().map(|step| (key(step), ())).collect::<BTreeMap<_, _>>().len()
}
