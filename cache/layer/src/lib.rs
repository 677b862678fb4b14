//! Moves between file trees and layers: diff, apply, compress, archive, layout.

mod attributes;
mod codec;
mod context;
mod decode;
mod diff;
mod error;
mod extract;
pub mod layout;
pub mod rootfs;
mod seal;
mod stored;
mod tar;
mod trees;
mod unpack;

pub use codec::Codec;
pub use context::Context;
pub use decode::{Compression, Formats};
pub use diff::{Shape, diff_trees, scan_tree};
pub use error::LayerError;
pub use extract::{Extract, extract_archive, is_archive};
pub use seal::{Digests, Stream, seal_into, write_tar};
pub use stored::{SealRequest, Sealed, blob_of, recompress, seal};
pub use tar::{Limits, Member, MemberKind, TarError, TarReader};
pub use trees::{diff, unpack};
pub use unpack::{Destination, Marks, Missing, Unpacked, unpack_into};
