//! WORKDIR: a directory with its missing parents.

use std::os::fd::BorrowedFd;

use containr_graph::Workdir;
use containr_progress::Cancel;
use containr_tree::{Listing, TreePath};

use crate::CopyError;
use crate::owner::Owner;
use crate::place::{Draft, Rules};
use crate::target::Target;
use crate::write::Writer;

/// Makes the directory in the delta `into` and returns the listing, empty when all of it exists in `target` already.
///
/// Every new component belongs to the user and has mode 0755 and the time `time` (seconds since 1970).
///
/// # Errors
/// A component that is no directory, a user that cannot be looked up, and whatever reading and writing give.
pub fn workdir(
    op: &Workdir,
    target: Option<BorrowedFd<'_>>,
    into: BorrowedFd<'_>,
    time: i64,
    cancel: &Cancel,
) -> Result<Listing, CopyError> {
    let Workdir { path, user } = op;
    let target = Target::new(target);
    let owner = if user.is_empty() { Owner::ROOT } else { Owner::parse(user, &target)? };
    let mut draft = Draft::new(target, Rules::owned_by(owner, time));
    let path = TreePath::clamped(path.as_bytes()).map_err(|error| CopyError::Nul(error.to_string()))?;
    let path = draft.follow(&path)?;
    draft.make_directories(&path)?;
    let writer = Writer { op: None, selection: None, from: None, into, previous: None, threads: 1, cancel };
    writer.finish(draft)
}
