//! Views: lists of deltas that make a tree together.

use containr_store::DeltaId;

/// Deltas, lowest first; those that change nothing are left out, and no delta at all is `scratch`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct View(Vec<DeltaId>);

impl View {
    /// Returns the view of these deltas, lowest first.
    pub fn new(deltas: Vec<DeltaId>) -> Self {
        Self(deltas)
    }

    /// Returns this view with one more delta on top.
    pub fn with(&self, delta: DeltaId) -> Self {
        let mut deltas = self.0.clone();
        deltas.push(delta);
        Self(deltas)
    }

    /// Returns the deltas, lowest first.
    pub fn deltas(&self) -> &[DeltaId] {
        &self.0
    }

    /// Returns whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<DeltaId> for View {
    fn from_iter<I: IntoIterator<Item = DeltaId>>(deltas: I) -> Self {
        Self(deltas.into_iter().collect())
    }
}
