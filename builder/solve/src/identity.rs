//! Result ids: the identity of a tree by what was done to reach it, each step by its outcome alone.

use containr_oci::{Digest, Hasher};
use containr_store::ResultId;

/// The empty tree.
pub(crate) const SCRATCH: ResultId = ResultId([0; 32]);

/// Returns the identity of an image's tree: its chain of uncompressed layers.
pub(crate) fn image(diff_ids: &[Digest]) -> ResultId {
    if diff_ids.is_empty() {
        return SCRATCH;
    }
    let mut hasher = domain("image");
    for diff_id in diff_ids {
        let text = diff_id.to_string();
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    finish(hasher)
}

/// Returns the identity of a tree with a delta on top, given the digest of the delta's listing.
pub(crate) fn child(parent: &ResultId, listing: &Digest) -> ResultId {
    let mut hasher = domain("child");
    hasher.update(&parent.0);
    hasher.update(listing.bytes());
    finish(hasher)
}

/// Returns the identity of a linked delta by itself; on a tree it is that tree's [`child`].
pub(crate) fn linked(listing: &Digest) -> ResultId {
    let mut hasher = domain("linked");
    hasher.update(listing.bytes());
    finish(hasher)
}

/// Returns the identity of a linked delta on top of a tree.
pub(crate) fn rebase(parent: &ResultId, linked: &ResultId) -> ResultId {
    child(parent, &Digest::from_sha256(linked.0))
}

/// Returns a digest of framed parts that belongs to one kind of question alone.
pub(crate) fn framed(kind: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = domain(kind);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    finish(hasher).0
}

fn domain(kind: &str) -> Hasher {
    let mut hasher = Hasher::sha256();
    hasher.update(&(kind.len() as u64).to_le_bytes());
    hasher.update(kind.as_bytes());
    hasher
}

fn finish(hasher: Hasher) -> ResultId {
    ResultId(hasher.finish().bytes().try_into().expect("SHA-256 has 32 bytes"))
}
