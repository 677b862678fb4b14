//! Puts selected files into a delta with every quirk of COPY and ADD.
//!
//! [`select`] reads and names what an instruction takes; its digest is the input of the step's key. Only when that key is
//! new, [`apply`] writes. Both sides are trees behind descriptors: nothing follows a link out of its root.

mod apply;
mod chmod;
mod error;
mod missing;
mod origin;
mod owner;
mod patterns;
mod place;
mod resolve;
mod select;
mod target;
mod threads;
mod transfer;
mod workdir;
mod write;

pub use apply::{Apply, Extraction, Extractor, apply};
pub use error::{CopyError, Ignored, MissingSource};
pub use origin::{Context, Source, Verdict, View};
pub use select::{Selection, select};
pub use workdir::workdir;
