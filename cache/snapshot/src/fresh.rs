//! Deltas that are written directly, without a tree below them.

use std::os::fd::BorrowedFd;

use containr_store::DeltaId;
use containr_sys::mount::OverlayXattr;
use containr_tree::{Listing, TreePath};
use rustix::fs::{FileType, Mode, OFlags, XattrFlags};

use crate::work::WorkDir;
use crate::{Driver, SnapshotError, directory};

/// An empty delta under construction; dropping it removes it.
#[derive(Debug)]
pub struct Fresh {
    pub(crate) work: WorkDir,
    pub(crate) driver: Driver,
}

impl Fresh {
    /// Returns the directory that files are written into: the root of the delta.
    pub fn dir(&self) -> BorrowedFd<'_> {
        self.work.fs()
    }

    /// Hides what earlier deltas have at `path`, in the driver's own form; the parent directory is there already.
    ///
    /// # Errors
    /// When something else is there, or its parent is not.
    pub fn whiteout(&self, path: &TreePath) -> Result<(), SnapshotError> {
        if self.driver == Driver::Copies {
            // There the listing alone says what goes.
            return Ok(());
        }
        let made = directory::open_parent(self.dir(), path).and_then(|parent| {
            let name = directory::name(path);
            rustix::fs::mknodat(&parent, &name, FileType::CharacterDevice, Mode::empty(), 0)
        });
        made.map_err(SnapshotError::io("make a whiteout at", path))
    }

    /// Hides all that earlier deltas have below the directory at `path`, which is there already.
    ///
    /// # Errors
    /// When no directory is there.
    pub fn opaque(&self, path: &TreePath) -> Result<(), SnapshotError> {
        let mark = match self.driver {
            Driver::Copies => return Ok(()),
            Driver::Overlay(OverlayXattr::Trusted) => c"trusted.overlay.opaque",
            Driver::Overlay(OverlayXattr::User) => c"user.overlay.opaque",
        };
        let marked = directory::open_below(self.dir(), path, OFlags::RDONLY | OFlags::DIRECTORY)
            .and_then(|directory| rustix::fs::fsetxattr(&directory, mark, b"y", XattrFlags::empty()));
        marked.map_err(SnapshotError::io("make opaque", path))
    }

    /// Freezes the delta under a new name; `listing` says what it holds.
    ///
    /// # Errors
    /// Only what the kernel says; then nothing of it stays.
    pub fn commit(self, listing: &Listing) -> Result<DeltaId, SnapshotError> {
        self.work.commit(listing)
    }
}
