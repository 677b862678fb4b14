//! What a step gave, in memory: an identity, and the layers from the bottom up.

use std::sync::Arc;

use containr_graph::{Graph, Op, StepId};
use containr_oci::Digest;
use containr_store::{DeltaId, ResultId};

/// The tree after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its identity.
    pub id: ResultId,
    /// The image below all layers; nothing for scratch.
    pub base: Option<StepId>,
    /// The layers that steps have put on it, lowest first.
    pub layers: Arc<[LayerRef]>,
}

/// The layer of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerRef {
    /// The step.
    pub step: StepId,
    /// The digest of the uncompressed tar.
    pub diff_id: Digest,
    /// The tree; nothing when the step changed nothing (its layer is an empty tar).
    pub delta: Option<DeltaId>,
    /// Seconds since 1970 at which the step first gave it.
    pub created: i64,
}

impl Chain {
    pub(crate) fn new(id: ResultId, base: Option<StepId>) -> Self {
        Self { id, base, layers: Arc::new([]) }
    }

    /// Returns the tree with one more layer.
    pub(crate) fn with(&self, id: ResultId, layer: LayerRef) -> Self {
        let layers = self.layers.iter().cloned().chain([layer]).collect();
        Self { id, base: self.base, layers }
    }

    /// Returns the uncompressed layers of the whole tree, lowest first: the image's, then those of the steps.
    ///
    /// # Panics
    /// The chain must come from `graph`.
    pub fn diff_ids(&self, graph: &Graph) -> Vec<Digest> {
        let base = self.base.map(|id| match &graph.step(id).op {
            Op::Image(image) => image.diff_ids.as_slice(),
            _ => unreachable!("a base is an image"),
        });
        base.unwrap_or_default().iter().copied().chain(self.layers.iter().map(|layer| layer.diff_id)).collect()
    }

    /// Returns the deltas that the steps made, lowest first, those that changed nothing left out.
    pub fn deltas(&self) -> Vec<DeltaId> {
        self.layers.iter().filter_map(|layer| layer.delta.clone()).collect()
    }
}
