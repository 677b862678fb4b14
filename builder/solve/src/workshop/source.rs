//! Where COPY and bind mounts take files from, and the digests of what they take.

use std::os::fd::AsFd as _;
use std::sync::{Arc, PoisonError};

use containr_copy::{Context, Selection, Source, select};
use containr_graph::{Copy, CopyKeyed, Inputs, KeyMaterial, Op, Step, Tree};
use containr_store::{ResultId, ResultRow, StepKey};
use containr_tree::Listing;

use super::Builder;
use crate::error::StepError;
use crate::identity;
use crate::port::LocalContext;
use crate::steps::Trees;

impl Builder<'_> {
    /// Returns the id of a COPY's source, and its selection when it had to be made.
    pub(super) fn copy_input(
        &self,
        step: &Step,
        copy: &Copy,
        trees: &Trees<'_>,
    ) -> Result<([u8; 32], Option<Selection>), StepError> {
        if self.local(copy.from, trees)?.is_some() || copy.from == Tree::Scratch {
            let selection = self.select(&copy.keyed, copy.from, trees)?;
            return Ok((bytes(&selection), Some(selection)));
        }
        // What a COPY takes from a tree depends on that tree's identity alone, so a remembered digest spares looking inside.
        let question = self.question(step, copy, trees);
        if let Some(row) = self.store.result(&question)? {
            return Ok((row.id.0, None));
        }
        let selection = self.select(&copy.keyed, copy.from, trees)?;
        let id = bytes(&selection);
        self.remember(question, id, None)?;
        Ok((id, Some(selection)))
    }

    /// Selects the files of a COPY.
    pub(super) fn select(&self, op: &CopyKeyed, from: Tree, trees: &Trees<'_>) -> Result<Selection, StepError> {
        if let Some(local) = self.local(from, trees)? {
            let mut digests = local.digests.lock().unwrap_or_else(PoisonError::into_inner);
            let context = Context::new(local.root.as_fd(), &*local.ignore, &mut digests, self.cancel);
            return Ok(select(op, &Source::Context(context), self.epoch)?);
        }
        if from == Tree::Scratch {
            return Ok(select(op, &Source::Nothing, self.epoch)?);
        }
        let view = self.view(&trees.chain(from), trees)?;
        let listings: Result<Vec<Arc<Listing>>, _> =
            view.deltas().iter().map(|delta| self.snapshots.listing(delta)).collect();
        Ok(select(op, &Source::view(&listings?), self.epoch)?)
    }

    /// Returns the context that a tree is, when it is one.
    pub(super) fn local<'t>(&'t self, tree: Tree, trees: &Trees<'_>) -> Result<Option<&'t LocalContext>, StepError> {
        match trees.step(tree).map(|step| &step.op) {
            Some(Op::Local(local)) => {
                let known = self.contexts.get(&local.name);
                known.map(Some).ok_or_else(|| StepError::UnknownContext(local.name.clone()))
            }
            _ => Ok(None),
        }
    }

    /// Returns the key under which the digest of a selection is remembered: the op and the tree that it takes from.
    fn question(&self, step: &Step, copy: &Copy, trees: &Trees<'_>) -> StepKey {
        question(step, trees.chain(copy.from).id.0, self.fidelity, self.epoch)
    }

    /// Remembers something that was found out, as the result of a step that nobody wrote.
    pub(super) fn remember(
        &self,
        key: StepKey,
        id: [u8; 32],
        delta: Option<containr_store::DeltaId>,
    ) -> Result<ResultRow, StepError> {
        let row = ResultRow {
            key,
            id: ResultId(id),
            parent: identity::SCRATCH,
            delta,
            diff_id: None,
            log: None,
            label: String::new(),
            key_parts: Vec::new(),
            isolation: self.fidelity.to_owned(),
            duration_ms: 0,
            bytes: 0,
            created: ((self.clock)() / 1000).cast_signed(),
        };
        Ok(self.store.record(&row)?)
    }
}

/// Returns the key under which the digest of what a COPY takes from a tree is remembered.
pub(crate) fn question(step: &Step, from: [u8; 32], fidelity: &str, epoch: Option<i64>) -> StepKey {
    let inputs = Inputs { parent: [0; 32], others: &[from], fidelity, epoch };
    StepKey(identity::framed("selection", &[&KeyMaterial::of(step, &inputs).key().0]))
}

fn bytes(selection: &Selection) -> [u8; 32] {
    selection.digest().bytes().try_into().expect("SHA-256 has 32 bytes")
}
