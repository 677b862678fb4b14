//! Where trees lie.

use std::path::PathBuf;

use containr_store::Store;

/// The directories of a store that hold trees; all on one file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotPaths {
    /// Committed deltas.
    pub deltas: PathBuf,
    /// Trees under construction.
    pub work: PathBuf,
    /// What waits to be deleted.
    pub trash: PathBuf,
}

impl From<&Store> for SnapshotPaths {
    fn from(store: &Store) -> Self {
        Self { deltas: store.deltas_dir(), work: store.work_dir(), trash: store.trash_dir() }
    }
}
