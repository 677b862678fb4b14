//! The tar format: a writer whose bytes depend on the entries alone, and one parser for whoever reads an archive.

mod header;
mod pax;
mod read;
mod write;

pub use read::{Limits, Member, MemberKind, TarReader};
pub(crate) use write::{TRAILER, header, opaque_marker, padding};

/// The name that says in a layer that a directory hides what lies below it in earlier layers.
pub(crate) const OPAQUE: &[u8] = b".wh..wh..opq";
/// What stands before the name of a removed file in a layer.
pub(crate) const WHITEOUT: &[u8] = b".wh.";

/// Why bytes are no acceptable archive, or an entry cannot stand in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TarError {
    /// A field has no meaning; `at` is the byte at which its header begins.
    #[error("archive has a bad {what} in the header at byte {at}")]
    Damaged {
        /// Offset of the header in the uncompressed archive.
        at: u64,
        /// The field.
        what: &'static str,
    },
    /// The archive ends inside a header or a file.
    #[error("archive ends early at byte {0}")]
    Truncated(u64),
    /// Two places of one member say different things, which other readers would resolve differently.
    #[error("archive contradicts itself about the {what} of the member at byte {at}")]
    Contradiction {
        /// Offset of the header.
        at: u64,
        /// The field.
        what: &'static str,
    },
    /// A kind of member that containr does not read.
    #[error("archive has a member of the kind `{}` at byte {at}, which is not supported", char::from(*.flag).escape_default())]
    Unsupported {
        /// Offset of the header.
        at: u64,
        /// The type flag.
        flag: u8,
    },
    /// A limit against hostile archives is exceeded.
    #[error("archive exceeds the limit of {limit} {what}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// An extended attribute whose name has an equals sign, which a PAX record cannot hold.
    #[error("extended attribute `{0}` has a name that a tar archive cannot hold")]
    AttributeName(String),
}
