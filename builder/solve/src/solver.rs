//! The entrance: a graph and targets in, the targets' layers out.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::PoisonError;

use containr_graph::{Graph, Op, StepId};
use containr_layer::Codec;
use containr_progress::{Cancel, Event, Progress, TaskId};
use containr_snapshot::{Snapshots, View};
use containr_store::Store;

use crate::chain::Chain;
use crate::error::{SolveError, StepError};
use crate::port::{Fetcher, LocalContext, Runner};
use crate::steps::{self, Explain, Settings};
use crate::workshop::{Builder, Tools};

/// Everything that a build works with.
pub struct Solver<'a> {
    /// The store, on which the caller holds a lease.
    pub store: &'a Store,
    /// The trees of the same store.
    pub snapshots: &'a Snapshots,
    /// Runs commands.
    pub runner: &'a dyn Runner,
    /// Brings images.
    pub fetcher: &'a dyn Fetcher,
    /// The user's directories by the names that the graph gives them.
    pub contexts: &'a BTreeMap<String, LocalContext>,
    /// Receives what happens.
    pub progress: &'a dyn Progress,
    /// Ends the build; it is set, too, when a step fails.
    pub cancel: &'a Cancel,
    /// Returns milliseconds since 1970.
    pub clock: &'a (dyn Fn() -> u64 + Sync),
    /// The settings.
    pub options: SolveOptions,
}

/// The settings of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolveOptions {
    /// The clamping time of `--reproducible`, in seconds since 1970.
    pub reproducible: Option<i64>,
    /// What of the builder changes results: `full`, or for example `single-id`, `chroot`.
    pub fidelity: String,
    /// How many threads one step may use.
    pub threads: NonZeroUsize,
    /// How many steps may work at the same time.
    pub steps: NonZeroUsize,
    /// Whether to say why a step hit or missed.
    pub explain: Explain,
    /// Compresses layers while they are made, for an output that will want them so.
    pub compress: Option<Codec>,
    /// Tells records of different projects apart when the nearest one is looked for, for example the Dockerfile's path.
    pub scope: String,
}

/// Runs the graph as far as the targets need it and returns their trees, in the order of the targets.
///
/// # Errors
/// The first step that failed; all others are cancelled.
pub fn solve(solver: &Solver<'_>, graph: &Graph, targets: &[StepId]) -> Result<Vec<Chain>, SolveError> {
    let Solver { store, snapshots, runner, fetcher, contexts, progress, cancel, clock, options } = solver;
    let tools = Tools { store, snapshots, runner: *runner, fetcher: *fetcher, contexts };
    let settings = Settings {
        lookup: *store,
        progress: *progress,
        cancel,
        clock: *clock,
        fidelity: &options.fidelity,
        epoch: options.reproducible,
        scope: &options.scope,
        explain: options.explain,
        most_threads: options.steps.get(),
    };
    let builder = Builder::new(tools, &settings, options.threads, options.compress);
    let result = steps::run(&settings, &builder, graph, targets);
    save_digests(contexts, *progress);
    result
}

/// Returns the deltas of a tree that [`solve`] gave, lowest first; its image is brought when it is not here yet.
///
/// # Errors
/// Whatever the fetcher gives.
pub fn view(solver: &Solver<'_>, graph: &Graph, chain: &Chain, task: TaskId) -> Result<View, StepError> {
    let mut deltas = Vec::new();
    if let Some(Op::Image(image)) = chain.base.map(|id| &graph.step(id).op) {
        let fetched = solver.fetcher.layers(image, task, solver.cancel);
        let failed = |source| StepError::Fetch { reference: image.reference.clone(), source };
        deltas.extend_from_slice(fetched.map_err(failed)?.deltas());
    }
    deltas.extend(chain.deltas());
    Ok(View::new(deltas))
}

/// Keeps the digests of context files for the next build, also after a failure: the next try is then faster.
fn save_digests(contexts: &BTreeMap<String, LocalContext>, progress: &dyn Progress) {
    for (name, context) in contexts {
        let digests = context.digests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = digests.save() {
            let text = format!("cannot remember the digests of context `{name}`: {error}");
            progress.event(Event::Warning { task: None, text });
        }
    }
}
