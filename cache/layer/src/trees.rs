//! The work of this room on the trees of the snapshot room.

use std::io::{self, Read};
use std::os::fd::{AsFd as _, BorrowedFd};

use containr_snapshot::{Active, Changes, Fresh, SnapshotError};
use containr_tree::{Listing, TreePath};

use crate::diff::{Shape, diff_trees};
use crate::tar::Limits;
use crate::unpack::{Destination, Marks, Missing, Unpacked, unpack_into};
use crate::{Context, LayerError};

impl Marks for Fresh {
    fn whiteout(&self, path: &TreePath) -> io::Result<()> {
        self.whiteout(path).map_err(io::Error::other)
    }

    fn opaque(&self, path: &TreePath) -> io::Result<()> {
        self.opaque(path).map_err(io::Error::other)
    }
}

/// Returns what a writable tree changes in its parent, of which `parent` is a read-only mount; digests are not filled in.
///
/// # Errors
/// What the file system gives.
pub fn diff(active: &Active, parent: BorrowedFd<'_>, context: Context<'_>) -> Result<Listing, LayerError> {
    match active.changes().map_err(Box::<SnapshotError>::from)? {
        Changes::Upper(upper) => diff_trees(upper.as_fd(), Shape::Upper, parent, context),
        Changes::Full(tree) => diff_trees(tree.as_fd(), Shape::Full, parent, context),
    }
}

/// Unpacks a layer as it is stored (gzip, zstd or plain, told by its content) into an empty delta.
///
/// `below` is a mount of the parent view; the first layer of an image has none.
///
/// # Errors
/// Malformed and hostile archives, or what the file system gives; drop `into` then.
pub fn unpack(
    layer: &mut (dyn Read + Send),
    into: &Fresh,
    below: Option<BorrowedFd<'_>>,
    context: Context<'_>,
) -> Result<Unpacked, LayerError> {
    let destination = Destination { fs: into.dir(), marks: into, below, missing: Missing::default() };
    unpack_into(layer, &destination, Limits::default(), context)
}
