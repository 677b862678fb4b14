//! The graph itself: steps that point only backwards.

use containr_oci::Platform;

use crate::{MountKind, Op};

/// The position of a step in its graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(usize);

impl StepId {
    /// Returns the position, counted from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A file tree that a step starts from or reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tree {
    /// The empty tree.
    Scratch,
    /// The result of an earlier step.
    Step(StepId),
}

/// Where in the user's text a step comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Bytes of the Dockerfile.
    Text {
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// A trigger that the base image carries.
    Onbuild {
        /// The base image or stage.
        image: String,
        /// The trigger's own text.
        text: String,
    },
    /// Nothing that the user wrote.
    Synthetic,
}

/// Whether an earlier result may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// It may.
    Use,
    /// The step runs again (`--no-cache`, `--no-cache-filter`); its result is recorded.
    Ignore,
}

/// One node: an op with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub op: Op,
    /// The tree on which the op works; [`Tree::Scratch`] for images and contexts.
    pub parent: Tree,
    /// The platform of the result.
    pub platform: Platform,
    /// The line that a person reads, for example `[build 2/5] RUN make`.
    pub name: String,
    /// The text that a failure points at.
    pub origin: Origin,
    /// Whether an earlier result may serve.
    pub cache: CachePolicy,
}

impl Step {
    /// Returns all trees that the step takes, the parent first; each at its place even when it is scratch.
    pub fn inputs(&self) -> Vec<Tree> {
        let mut inputs = vec![self.parent];
        match &self.op {
            Op::Image(_) | Op::Local(_) | Op::Workdir(_) => {}
            Op::Copy(copy) => inputs.push(copy.from),
            Op::Run(run) => inputs.extend(run.keyed.mounts.iter().filter_map(|mount| match &mount.kind {
                MountKind::Bind(bind) => Some(bind.from),
                MountKind::Cache(cache) => Some(cache.from),
                MountKind::Tmpfs { .. } | MountKind::Secret(_) | MountKind::Ssh(_) => None,
            })),
        }
        inputs
    }
}

/// Steps in topological order; acyclic because a step can only name steps that exist.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    steps: Vec<Step>,
}

impl Graph {
    /// Returns a graph without steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a step and returns its position; an equal step that exists already is taken instead.
    ///
    /// # Panics
    /// All inputs must be in the graph.
    pub fn push(&mut self, step: Step) -> StepId {
        let known = |tree: &Tree| match tree {
            Tree::Scratch => true,
            Tree::Step(id) => id.0 < self.steps.len(),
        };
        assert!(step.inputs().iter().all(known), "inputs come before their step");
        // Images and contexts are shared by all that use them; other ops keep their own place and origin.
        let shared = matches!(step.op, Op::Image(_) | Op::Local(_));
        if let Some(index) = self.steps.iter().position(|s| shared && s.op == step.op && s.platform == step.platform) {
            return StepId(index);
        }
        self.steps.push(step);
        StepId(self.steps.len() - 1)
    }

    /// Returns the steps, inputs before users.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns one step.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0]
    }

    /// Returns all positions in order.
    pub fn ids(&self) -> impl Iterator<Item = StepId> + use<> {
        (0..self.steps.len()).map(StepId)
    }
}
