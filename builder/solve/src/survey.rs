//! Says what a build would find, without doing any step: nothing is run, locked, brought or recorded.

use std::collections::BTreeMap;
use std::os::fd::AsFd as _;
use std::sync::PoisonError;

use containr_copy::{Context, Selection, Source, select};
use containr_graph::{
    CachePolicy, Copy, CopyKeyed, Graph, Inputs, KeyMaterial, MountKind, Op, Run, Step, StepId, Tree,
};
use containr_progress::Cancel;
use containr_store::{ResultRow, StepKey, Store};

use crate::chain::{Chain, LayerRef};
use crate::error::StepError;
use crate::port::LocalContext;
use crate::schedule::Order;
use crate::steps::is_linked;
use crate::{explain, identity, workshop};

/// Where a survey looks.
pub struct Survey<'a> {
    /// The records.
    pub store: &'a Store,
    /// The directories that the graph reads, by name.
    pub contexts: &'a BTreeMap<String, LocalContext>,
    /// What of the builder changes results.
    pub fidelity: &'a str,
    /// Prefix of the labels of records.
    pub scope: &'a str,
    /// Ends the survey when set.
    pub cancel: &'a Cancel,
}

/// What is known of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prospect {
    /// The step.
    pub step: StepId,
    /// Whether a build would find its result.
    pub outlook: Outlook,
    /// The result; where a build would not find it, that of the same instruction when it ran last on something else.
    pub row: Option<ResultRow>,
}

/// Says whether a build would find a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It would.
    Hit,
    /// It would run the step.
    Miss,
    /// An earlier step decides it, which would run.
    Open,
}

type Chains = Vec<Option<Chain>>;

impl Survey<'_> {
    /// Looks at every step that the targets need and that does something, inputs before their users.
    ///
    /// # Errors
    /// A store or a context that cannot be read, or the survey was ended.
    pub fn prospects(&self, graph: &Graph, targets: &[StepId]) -> Result<Vec<Prospect>, StepError> {
        let mut chains: Chains = vec![None; graph.steps().len()];
        let mut found = Vec::new();
        for id in Order::new(graph, targets).steps {
            self.cancel.check()?;
            let step = graph.step(id);
            chains[id.index()] = match &step.op {
                Op::Image(image) => Some(Chain::new(identity::image(&image.diff_ids), Some(id))),
                Op::Local(_) => Some(Chain::new(identity::SCRATCH, None)),
                Op::Run(_) | Op::Copy(_) | Op::Workdir(_) => {
                    let (prospect, chain) = self.prospect(id, graph, &chains)?;
                    found.push(prospect);
                    chain
                }
            };
        }
        Ok(found)
    }

    fn prospect(&self, id: StepId, graph: &Graph, chains: &Chains) -> Result<(Prospect, Option<Chain>), StepError> {
        let step = graph.step(id);
        let parent = chain(chains, step.parent);
        let known = match &parent {
            Some(parent) => self.inputs(step, graph, chains)?.map(|others| (parent, others)),
            None => None,
        };
        let Some((parent, others)) = known else {
            let row = self.last(step, &self.material(step, [0; 32], &[]))?;
            return Ok((Prospect { step: id, outlook: Outlook::Open, row }, None));
        };
        let material = self.material(step, parent.id.0, &others);
        let row = self.store.result(&StepKey(material.key().0))?.filter(|row| row.diff_id.is_some());
        let Some(row) = row.filter(|_| step.cache == CachePolicy::Use) else {
            let row = self.last(step, &material)?;
            return Ok((Prospect { step: id, outlook: Outlook::Miss, row }, None));
        };
        let tree = if is_linked(step) { identity::rebase(&parent.id, &row.id) } else { row.id };
        let layer =
            row.diff_id.map(|diff_id| LayerRef { step: id, diff_id, delta: row.delta.clone(), created: row.created });
        let chain = layer.map(|layer| parent.with(tree, layer));
        Ok((Prospect { step: id, outlook: Outlook::Hit, row: Some(row) }, chain))
    }

    fn material(&self, step: &Step, parent: [u8; 32], others: &[[u8; 32]]) -> KeyMaterial {
        KeyMaterial::of(step, &Inputs { parent, others, fidelity: self.fidelity, epoch: None })
    }

    /// Returns the newest record of the same instruction on whatever it ran: only what came in may differ.
    fn last(&self, step: &Step, material: &KeyMaterial) -> Result<Option<ResultRow>, StepError> {
        let row = self.store.nearest(&explain::label(self.scope, step))?;
        let same = |row: &ResultRow| {
            let older = KeyMaterial::decode(&row.key_parts);
            let came_in = |part: &String| part == "parent" || part.starts_with("input ");
            older.is_some_and(|older| material.differences(&older).iter().all(came_in))
        };
        Ok(row.filter(same))
    }

    /// Returns the ids of the inputs after the parent; nothing where one of them is not known.
    fn inputs(&self, step: &Step, graph: &Graph, chains: &Chains) -> Result<Option<Vec<[u8; 32]>>, StepError> {
        match &step.op {
            Op::Image(_) | Op::Local(_) | Op::Workdir(_) => Ok(Some(Vec::new())),
            Op::Copy(copy) => Ok(self.copied(step, copy, (graph, chains))?.map(|id| vec![id])),
            Op::Run(run) => self.mounted(run, graph, chains),
        }
    }

    fn copied(
        &self,
        step: &Step,
        copy: &Copy,
        (graph, chains): (&Graph, &Chains),
    ) -> Result<Option<[u8; 32]>, StepError> {
        if copy.from == Tree::Scratch {
            return Ok(Some(bytes(&select(&copy.keyed, &Source::Nothing, None)?)));
        }
        if is_local(graph, copy.from) {
            return self.selected(&copy.keyed, graph, copy.from);
        }
        let Some(from) = chain(chains, copy.from) else { return Ok(None) };
        // What was taken from a tree is only known where a build has asked before: no tree is looked into here.
        let question = workshop::question(step, from.id.0, self.fidelity, None);
        Ok(self.store.result(&question)?.map(|row| row.id.0))
    }

    fn mounted(&self, run: &Run, graph: &Graph, chains: &Chains) -> Result<Option<Vec<[u8; 32]>>, StepError> {
        let mut ids = Vec::new();
        for mount in &run.keyed.mounts {
            let id = match &mount.kind {
                MountKind::Bind(bind) if is_local(graph, bind.from) => {
                    self.selected(&workshop::bound(&bind.source), graph, bind.from)?
                }
                MountKind::Bind(bind) => chain(chains, bind.from).map(|chain| chain.id.0),
                MountKind::Cache(cache) => chain(chains, cache.from).map(|chain| chain.id.0),
                // These have no tree.
                MountKind::Tmpfs { .. } | MountKind::Secret(_) | MountKind::Ssh(_) => continue,
            };
            let Some(id) = id else { return Ok(None) };
            ids.push(id);
        }
        Ok(Some(ids))
    }

    /// Returns the digest of what is selected of a context; nothing where the context is not at hand.
    fn selected(&self, op: &CopyKeyed, graph: &Graph, from: Tree) -> Result<Option<[u8; 32]>, StepError> {
        let Tree::Step(id) = from else { return Ok(None) };
        let Op::Local(local) = &graph.step(id).op else { return Ok(None) };
        let Some(context) = self.contexts.get(&local.name) else { return Ok(None) };
        let mut digests = context.digests.lock().unwrap_or_else(PoisonError::into_inner);
        let source = Context::new(context.root.as_fd(), &*context.ignore, &mut digests, self.cancel);
        Ok(Some(bytes(&select(op, &Source::Context(source), None)?)))
    }
}

/// Returns the chain of a tree, where all of it is known.
fn chain(chains: &Chains, tree: Tree) -> Option<Chain> {
    match tree {
        Tree::Scratch => Some(Chain::new(identity::SCRATCH, None)),
        Tree::Step(id) => chains[id.index()].clone(),
    }
}

fn is_local(graph: &Graph, tree: Tree) -> bool {
    matches!(tree, Tree::Step(id) if matches!(graph.step(id).op, Op::Local(_)))
}

fn bytes(selection: &Selection) -> [u8; 32] {
    selection.digest().bytes().try_into().expect("SHA-256 has 32 bytes")
}
