//! Gives writable and frozen file trees and says, as data, how to mount them.
//!
//! A delta is a directory `ID/{fs/, listing}` that names no parent; a view is a list of deltas. Two drivers give the same
//! trees: overlay mounts, and copies where overlay is refused. Invariants: an active tree is never a parent, a committed one
//! is never writable (both by type); every tree under construction is locked by its maker and removed when dropped.

mod active;
mod apply;
mod attributes;
mod directory;
mod driver;
mod error;
mod fresh;
mod janitor;
mod paths;
mod pool;
mod resolve;
mod snapshots;
mod stub;
mod view;
mod work;

pub use active::{Active, Changes};
pub use driver::{Driver, DriverChoice};
pub use error::SnapshotError;
pub use fresh::Fresh;
pub use paths::SnapshotPaths;
pub use snapshots::Snapshots;
pub use stub::{Stub, StubKind};
pub use view::View;
