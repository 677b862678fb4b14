//! The trees of the copy driver: whole trees for reading, and writable ones that a chain of steps hands on.

use std::sync::Arc;

use containr_store::DeltaId;

use crate::apply::{How, apply};
use crate::snapshots::Shared;
use crate::work::WorkDir;
use crate::{SnapshotError, View};

/// Writable trees that are kept for the next step: each is a whole copy on disk.
const MOST_IDLE: usize = 2;

/// Whole trees by what is in them.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// Hard links to the files of deltas; never changed once they are here.
    read_only: Vec<(View, Arc<WorkDir>)>,
    /// Copies that nobody uses, oldest first.
    idle: Vec<(View, WorkDir)>,
}

impl Pool {
    /// Keeps a writable tree for the next step.
    pub(crate) fn keep(&mut self, view: View, tree: WorkDir) -> Option<WorkDir> {
        self.idle.push((view, tree));
        (self.idle.len() > MOST_IDLE).then(|| self.idle.remove(0).1)
    }

    /// Takes the idle tree that has most of the view already; it holds a beginning of the view and nothing else.
    fn adopt(&mut self, view: &View) -> Option<(View, WorkDir)> {
        let fits = |(_, (have, _)): &(usize, &(View, WorkDir))| view.deltas().starts_with(have.deltas());
        let best = self.idle.iter().enumerate().filter(fits).max_by_key(|(_, (have, _))| have.deltas().len())?.0;
        Some(self.idle.remove(best))
    }
}

/// Returns a tree for reading, made of hard links.
pub(crate) fn read_only(shared: &Shared, view: &View) -> Result<Arc<WorkDir>, SnapshotError> {
    // Held while the tree is made, so that two threads do not make the same one.
    let mut pool = shared.pool();
    if let Some((_, tree)) = pool.read_only.iter().find(|(have, _)| have == view) {
        return Ok(Arc::clone(tree));
    }
    let tree = WorkDir::create(&shared.places)?;
    put(shared, view.deltas(), &tree, How::Link)?;
    let tree = Arc::new(tree);
    pool.read_only.push((view.clone(), Arc::clone(&tree)));
    Ok(tree)
}

/// Returns a tree for writing: one that an earlier step left, brought up to the view, or a new copy.
pub(crate) fn writable(shared: &Shared, view: &View) -> Result<WorkDir, SnapshotError> {
    let adopted = shared.pool().adopt(view);
    let (have, tree) = match adopted {
        Some((have, tree)) => (have.deltas().len(), tree),
        None => (0, WorkDir::create(&shared.places)?),
    };
    put(shared, &view.deltas()[have..], &tree, How::Copy)?;
    Ok(tree)
}

fn put(shared: &Shared, deltas: &[DeltaId], tree: &WorkDir, how: How) -> Result<(), SnapshotError> {
    for delta in deltas {
        let (fs, listing) = (shared.places.delta(delta)?, shared.listing(delta)?);
        let applied = apply(std::os::fd::AsFd::as_fd(&fs), &listing, tree.fs(), how);
        applied.map_err(|(path, error)| SnapshotError::io("copy", path)(error))?;
    }
    Ok(())
}
