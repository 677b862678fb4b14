//! One step: its key, the look-up, and only then the work.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use containr_graph::{CachePolicy, Graph, Inputs, KeyMaterial, Op, Step, StepId, Tree};
use containr_oci::Digest;
use containr_progress::{Cancel, Event, Outcome, Progress, TaskId, TaskInfo};
use containr_store::{DeltaId, ResultId, ResultRow, StepKey};

use crate::chain::{Chain, LayerRef};
use crate::error::{SolveError, StepError};
use crate::port::Lookup;
use crate::schedule::{Crew, Order, distinct_inputs};
use crate::{explain, identity, schedule};

/// Whoever does the work of steps that were not found.
pub(crate) trait Workshop: Sync {
    /// What was found out for the key and serves the work, too.
    type Prepared;

    /// Returns the ids of the inputs after the parent, in the order of [`Step::inputs`].
    fn inputs(&self, step: &Step, trees: &Trees<'_>) -> Result<(Vec<[u8; 32]>, Self::Prepared), StepError>;

    /// Brings the image below a step, so that the step's own time begins with its own work.
    fn bring(&self, step: &Step, trees: &Trees<'_>) -> Result<(), StepError>;

    /// Does the work and seals the delta.
    fn work(&self, job: &Job<'_>, prepared: Self::Prepared) -> Result<Made, StepError>;

    /// Removes a delta that an equal older one made useless.
    fn discard(&self, delta: &DeltaId);

    /// Returns whether somebody has looked inside an image.
    fn brought(&self, image: StepId) -> bool;
}

/// A step that is to be done.
pub(crate) struct Job<'a> {
    pub(crate) step: &'a Step,
    pub(crate) task: TaskId,
    pub(crate) trees: &'a Trees<'a>,
    /// What the step gave last time, perhaps with other inputs; its unchanged files serve again.
    pub(crate) previous: Option<DeltaId>,
}

/// What a step made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// The digest of the delta's listing.
    pub(crate) listing: Digest,
    /// The delta; nothing when it would be empty.
    pub(crate) delta: Option<DeltaId>,
    pub(crate) diff_id: Digest,
    /// The size of the delta's files in bytes.
    pub(crate) bytes: u64,
    /// The blob of what the step printed.
    pub(crate) log: Option<Digest>,
}

/// The results so far, and what shows them.
pub(crate) struct Trees<'a> {
    pub(crate) graph: &'a Graph,
    done: Vec<OnceLock<Chain>>,
    tasks: Vec<TaskId>,
}

impl Trees<'_> {
    /// Returns the chain of a tree that is an input of the step at hand.
    pub(crate) fn chain(&self, tree: Tree) -> Chain {
        match tree {
            Tree::Scratch => Chain::new(identity::SCRATCH, None),
            Tree::Step(id) => self.done[id.index()].get().expect("inputs are done before their users").clone(),
        }
    }

    /// Returns the step that gives a tree.
    pub(crate) fn step(&self, tree: Tree) -> Option<&Step> {
        match tree {
            Tree::Scratch => None,
            Tree::Step(id) => Some(self.graph.step(id)),
        }
    }

    pub(crate) fn task(&self, id: StepId) -> TaskId {
        self.tasks[id.index()]
    }
}

/// The settings that the keys and records of all steps share.
pub(crate) struct Settings<'a> {
    pub(crate) lookup: &'a dyn Lookup,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) cancel: &'a Cancel,
    /// Milliseconds since 1970.
    pub(crate) clock: &'a (dyn Fn() -> u64 + Sync),
    pub(crate) fidelity: &'a str,
    pub(crate) epoch: Option<i64>,
    /// Prefix of the labels of records.
    pub(crate) scope: &'a str,
    pub(crate) explain: Explain,
    pub(crate) most_threads: usize,
}

/// Whether to say why a step hit or missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Explain {
    /// Say nothing.
    #[default]
    No,
    /// Send an [`Event::Explained`] for each step.
    Yes,
}

struct Steps<'a, W> {
    settings: &'a Settings<'a>,
    workshop: &'a W,
    trees: Trees<'a>,
    /// What steps of this build gave: even without the cache, equal steps run once.
    ran: Mutex<HashMap<StepKey, ResultRow>>,
}

/// Runs the graph as far as the targets need it and returns their chains.
///
/// # Errors
/// The first step that failed; all others are cancelled.
pub(crate) fn run<W: Workshop>(
    settings: &Settings<'_>,
    workshop: &W,
    graph: &Graph,
    targets: &[StepId],
) -> Result<Vec<Chain>, SolveError> {
    let order = Order::new(graph, targets);
    let length = graph.steps().len();
    let trees = Trees {
        graph,
        done: (0..length).map(|_| OnceLock::new()).collect(),
        tasks: (0..length).map(|_| TaskId::next()).collect(),
    };
    let steps = Steps { settings, workshop, trees, ran: Mutex::default() };
    order.steps.iter().for_each(|id| steps.announce(*id));
    let step = |id: StepId, crew: &Crew<'_>| steps.step(id, crew);
    let follows = |error: &SolveError| error.cause.is_cancelled();
    schedule::run(&order, settings.most_threads, follows, &step)?;
    let image = |id: &&StepId| matches!(graph.step(**id).op, Op::Image(_));
    for id in order.steps.iter().filter(image).filter(|id| !workshop.brought(**id)) {
        steps.finished(*id, Outcome::Cached);
    }
    Ok(targets.iter().map(|target| steps.trees.chain(Tree::Step(*target))).collect())
}

impl<W: Workshop> Steps<'_, W> {
    fn announce(&self, id: StepId) {
        let step = self.trees.graph.step(id);
        let inputs = distinct_inputs(self.trees.graph, id).into_iter().map(|input| self.trees.task(input)).collect();
        let digest = Digest::of(format!("{} {}", id.index(), step.name).as_bytes()).to_string();
        let info = TaskInfo { id: self.trees.task(id), digest, name: step.name.clone(), inputs };
        self.settings.progress.event(Event::Added(info));
    }

    fn step(&self, id: StepId, crew: &Crew<'_>) -> Result<(), SolveError> {
        let result = self.settings.cancel.check().map_err(StepError::from).and_then(|()| self.chain(id, crew));
        let step = self.trees.graph.step(id);
        match result {
            Ok(chain) => {
                self.trees.done[id.index()].set(chain).expect("each step runs once");
                Ok(())
            }
            Err(cause) => {
                let outcome = match cause.is_cancelled() {
                    true => Outcome::Cancelled,
                    false => Outcome::Failed(cause.to_string()),
                };
                self.finished(id, outcome);
                self.settings.cancel.cancel();
                let (name, origin) = (step.name.clone(), step.origin.clone());
                Err(SolveError { step: id, name, origin, cause: Box::new(cause) })
            }
        }
    }

    fn chain(&self, id: StepId, crew: &Crew<'_>) -> Result<Chain, StepError> {
        let step = self.trees.graph.step(id);
        match &step.op {
            // Nothing is brought before somebody must look inside.
            Op::Image(image) => Ok(Chain::new(identity::image(&image.diff_ids), Some(id))),
            Op::Local(_) => {
                self.finished(id, Outcome::Cached);
                Ok(Chain::new(identity::SCRATCH, None))
            }
            Op::Run(_) | Op::Copy(_) | Op::Workdir(_) => {
                let parent = self.trees.chain(step.parent);
                let row = self.result(id, &parent, crew)?;
                let tree = if is_linked(step) { identity::rebase(&parent.id, &row.id) } else { row.id };
                let diff_id = row.diff_id.expect("only rows with a layer are taken");
                Ok(parent.with(tree, LayerRef { step: id, diff_id, delta: row.delta, created: row.created }))
            }
        }
    }

    fn result(&self, id: StepId, parent: &Chain, crew: &Crew<'_>) -> Result<ResultRow, StepError> {
        let Settings { lookup, progress, cancel, .. } = *self.settings;
        let (step, task) = (self.trees.graph.step(id), self.trees.task(id));
        if reads_context(step, self.trees.graph) {
            // Reading a context can take long.
            crew.grow();
        }
        let (others, prepared) = self.workshop.inputs(step, &self.trees)?;
        let Settings { fidelity, epoch, .. } = *self.settings;
        let material = KeyMaterial::of(step, &Inputs { parent: parent.id.0, others: &others, fidelity, epoch });
        let key = StepKey(material.key().0);
        if let Some(row) = self.known(&key, step)? {
            self.hit(id);
            return Ok(row);
        }
        crew.grow();
        let label = explain::label(self.settings.scope, step);
        let why = match self.settings.explain {
            Explain::Yes => Some(explain::miss(lookup, &label, step, &material)?),
            Explain::No => None,
        };
        let mut waiting = || {
            let text = format!("waiting for another build that runs `{}`", step.name);
            progress.event(Event::Warning { task: Some(task), text });
        };
        let _place = lookup.lock(&key, cancel, &mut waiting)?;
        if let Some(row) = self.known(&key, step)? {
            self.hit(id);
            return Ok(row);
        }
        if let Some(text) = why {
            progress.event(Event::Explained { task, text });
        }
        self.workshop.bring(step, &self.trees)?;
        self.started(id);
        let previous = lookup.nearest(&label)?.and_then(|row| row.delta);
        let began = (self.settings.clock)();
        let made = self.workshop.work(&Job { step, task, trees: &self.trees, previous }, prepared)?;
        let row = self.record(key, &made, Record { step, parent: &parent.id, material: &material, label, began })?;
        self.finished(id, Outcome::Done);
        Ok(row)
    }

    /// Returns what the step gave earlier: in this build, or in any when the step may use the cache.
    fn known(&self, key: &StepKey, step: &Step) -> Result<Option<ResultRow>, StepError> {
        let ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        if ran.is_some() || step.cache == CachePolicy::Ignore {
            return Ok(ran);
        }
        // A row without a layer cannot be put into an image, so it is none.
        Ok(self.settings.lookup.result(key)?.filter(|row| row.diff_id.is_some()))
    }

    /// Remembers a result; an equal older tree stays and the new one goes.
    fn record(&self, key: StepKey, made: &Made, record: Record<'_>) -> Result<ResultRow, StepError> {
        let Record { step, parent, material, label, began } = record;
        let linked = is_linked(step);
        let now = (self.settings.clock)();
        let row = ResultRow {
            key,
            id: if linked { identity::linked(&made.listing) } else { identity::child(parent, &made.listing) },
            parent: if linked { identity::SCRATCH } else { *parent },
            delta: made.delta.clone(),
            diff_id: Some(made.diff_id),
            log: made.log,
            label,
            key_parts: material.encode(),
            isolation: self.settings.fidelity.to_owned(),
            duration_ms: now.saturating_sub(began),
            bytes: made.bytes,
            created: (now / 1000).cast_signed(),
        };
        let recorded = self.settings.lookup.record(&row)?;
        if let Some(delta) = made.delta.as_ref().filter(|delta| recorded.delta.as_ref() != Some(*delta)) {
            self.workshop.discard(delta);
        }
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).insert(key, recorded.clone());
        Ok(recorded)
    }

    fn hit(&self, id: StepId) {
        if self.settings.explain == Explain::Yes {
            let event = Event::Explained { task: self.trees.task(id), text: "hit".to_owned() };
            self.settings.progress.event(event);
        }
        self.finished(id, Outcome::Cached);
    }

    fn started(&self, id: StepId) {
        self.settings.progress.event(Event::Started(self.trees.task(id)));
    }

    fn finished(&self, id: StepId, outcome: Outcome) {
        self.settings.progress.event(Event::Finished(self.trees.task(id), outcome));
    }
}

/// What a record takes from a step besides what it made.
struct Record<'a> {
    step: &'a Step,
    parent: &'a ResultId,
    material: &'a KeyMaterial,
    label: String,
    began: u64,
}

/// Returns whether the step's delta is the same on every parent.
pub(crate) fn is_linked(step: &Step) -> bool {
    matches!(&step.op, Op::Copy(copy) if copy.keyed.link)
}

fn reads_context(step: &Step, graph: &Graph) -> bool {
    let local = |tree: &Tree| matches!(tree, Tree::Step(id) if matches!(graph.step(*id).op, Op::Local(_)));
    step.inputs().iter().any(local)
}
