//! Reads a file tree: parallel walk, digest cache, listings.

mod cache;
mod entry;
mod error;
mod hash;
mod listing;
mod path;
mod stat;
mod trust;
mod walk;

pub use cache::DigestCache;
pub use entry::{Entry, Kind, Xattr};
pub use error::TreeError;
pub use hash::digest_file;
pub use listing::{Listing, ListingError, Times};
pub use path::{PathError, TreePath};
pub use stat::{FileKind, Moment, Stat};
pub use walk::{Found, Visit, walk};
