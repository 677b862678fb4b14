//! Keeps blobs by digest, remembers which step gave which result, collects garbage.
//!
//! Blobs and deltas are files and directories that appear whole; the index beside them is one SQLite database that many
//! processes share. What the index says is only believed when the thing it names is there, and, after another boot,
//! only when it was synced. Invariants: a blob's name is its digest; nothing that a live lease covers is collected;
//! a look-up writes nothing.

mod blob;
mod error;
mod fact;
mod id;
mod image;
mod index;
mod layer;
mod layout;
mod lease;
mod lock;
mod prune;
mod remove;
mod result;
mod root;
mod sync;
mod usage;

pub use blob::{Damage, Ingest};
pub use error::StoreError;
pub use fact::Fact;
pub use id::{DeltaId, IdError, ResultId, StepKey};
pub use image::ImageRow;
pub use layer::LayerRow;
pub use lease::{KeyLock, Lease};
pub use lock::FileLock;
pub use prune::{ImageScope, PrunePolicy, Pruned, WhenBusy};
pub use remove::{Removed, remove_tree};
pub use result::ResultRow;
pub use root::{Store, StoreOptions};
pub use usage::{Amount, Usage};
