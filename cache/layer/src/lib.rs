//! Moves between file trees and layers: diff, apply, compress, archive, layout.

mod codec;
mod context;
mod decode;
mod error;
mod seal;
mod tar;

pub use codec::Codec;
pub use context::Context;
pub use decode::{Compression, Formats};
pub use error::LayerError;
pub use seal::{Digests, Stream, seal_into, write_tar};
pub use tar::{Limits, Member, MemberKind, TarError, TarReader};
