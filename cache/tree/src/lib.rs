//! Reads a file tree: parallel walk, digest cache, listings.

mod entry;
mod listing;
mod path;

pub use entry::{Entry, Kind, Xattr};
pub use listing::{Listing, ListingError, Times};
pub use path::{PathError, TreePath};
