//! Runs steps as soon as their inputs are there; threads are started only while a step works and another one waits.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

use containr_graph::{Graph, StepId, Tree};

/// The steps that the targets need, with who waits for whom.
pub(crate) struct Order {
    /// In the order of the graph.
    pub(crate) steps: Vec<StepId>,
    /// By position in the graph: on how many steps a step waits.
    waits: Vec<usize>,
    /// By position in the graph: the steps that wait for it.
    users: Vec<Vec<StepId>>,
}

impl Order {
    /// Returns the steps that are reached from the targets.
    pub(crate) fn new(graph: &Graph, targets: &[StepId]) -> Self {
        let length = graph.steps().len();
        let (mut reached, mut waits, mut users) = (vec![false; length], vec![0; length], vec![Vec::new(); length]);
        for target in targets {
            reached[target.index()] = true;
        }
        // Inputs come before their users, so one pass from the end finds everything.
        let ids: Vec<StepId> = graph.ids().collect();
        for id in ids.iter().rev().filter(|id| targets.iter().any(|t| t >= id)) {
            if !reached[id.index()] {
                continue;
            }
            for input in distinct_inputs(graph, *id) {
                reached[input.index()] = true;
                waits[id.index()] += 1;
                users[input.index()].push(*id);
            }
        }
        Self { steps: ids.into_iter().filter(|id| reached[id.index()]).collect(), waits, users }
    }
}

/// Returns the steps that a step takes, each once.
pub(crate) fn distinct_inputs(graph: &Graph, id: StepId) -> BTreeSet<StepId> {
    let step = |tree| match tree {
        Tree::Scratch => None,
        Tree::Step(step) => Some(step),
    };
    graph.step(id).inputs().into_iter().filter_map(step).collect()
}

struct State<E> {
    ready: BTreeSet<StepId>,
    waits: Vec<usize>,
    /// Steps that are not done.
    left: usize,
    /// Threads that wait for something to do.
    idle: usize,
    threads: usize,
    failed: Option<E>,
}

struct Shared<'a, E> {
    order: &'a Order,
    /// Whether an error only follows from another one, which is then the one to be told.
    follows: fn(&E) -> bool,
    most_threads: usize,
    state: Mutex<State<E>>,
    changed: Condvar,
}

/// Handed to a step, which says before it begins long work that others should not wait for it.
pub(crate) struct Crew<'a> {
    call: &'a dyn Fn(),
}

impl Crew<'_> {
    /// Sees to it that steps that are ready now do not wait for this one.
    pub(crate) fn grow(&self) {
        (self.call)();
    }
}

/// Runs all steps and returns the first error that does not follow from another; after an error no further step begins.
pub(crate) fn run<E: Send>(
    order: &Order,
    most_threads: usize,
    follows: fn(&E) -> bool,
    step: &(dyn Fn(StepId, &Crew<'_>) -> Result<(), E> + Sync),
) -> Result<(), E> {
    let ready = order.steps.iter().copied().filter(|id| order.waits[id.index()] == 0).collect();
    let (waits, left) = (order.waits.clone(), order.steps.len());
    let state = State { ready, waits, left, idle: 0, threads: 1, failed: None };
    let shared = Shared { order, follows, most_threads, state: Mutex::new(state), changed: Condvar::new() };
    std::thread::scope(|scope| shared.work(scope, step));
    let state = shared.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.failed.map_or(Ok(()), Err)
}

impl<E: Send> Shared<'_, E> {
    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        step: &'scope (dyn Fn(StepId, &Crew<'_>) -> Result<(), E> + Sync),
    ) {
        let call = || {
            let mut state = self.lock();
            if !state.ready.is_empty() && state.idle == 0 && state.threads < self.most_threads {
                state.threads += 1;
                drop(state);
                scope.spawn(|| self.work(scope, step));
            }
        };
        while let Some(id) = self.next() {
            let result = step(id, &Crew { call: &call });
            self.finish(id, result);
        }
    }

    /// Waits for a step that can begin; nothing when there is no more to do.
    fn next(&self) -> Option<StepId> {
        let mut state = self.lock();
        loop {
            if state.left == 0 || state.failed.is_some() {
                return None;
            }
            if let Some(id) = state.ready.pop_first() {
                return Some(id);
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn finish(&self, id: StepId, result: Result<(), E>) {
        let mut state = self.lock();
        state.left -= 1;
        match result {
            Ok(()) => {
                for user in &self.order.users[id.index()] {
                    state.waits[user.index()] -= 1;
                    if state.waits[user.index()] == 0 {
                        state.ready.insert(*user);
                    }
                }
            }
            Err(error) if state.failed.as_ref().is_none_or(self.follows) => state.failed = Some(error),
            Err(_) => {}
        }
        drop(state);
        self.changed.notify_all();
    }
}
