//! Writable trees over a view.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use containr_store::DeltaId;
use containr_sys::mount::{Attributes, OverlayOptions, OverlayXattr, overlay};
use containr_tree::{Listing, TreePath};
use rustix::fs::Mode;

use crate::snapshots::{Shared, expose};
use crate::stub::{self, Planted};
use crate::work::WorkDir;
use crate::{Driver, SnapshotError, Stub, View, apply, attributes, directory, pool};

/// A writable tree over a view; never a parent itself, and removed when dropped.
#[derive(Debug)]
pub struct Active {
    shared: Arc<Shared>,
    parent: View,
    work: WorkDir,
    form: Form,
    /// What only served to make the mount.
    spent: Mutex<Vec<OwnedFd>>,
}

/// What the tree in the work directory is.
#[derive(Debug)]
enum Form {
    /// The upper directory of overlay mounts.
    Upper(OverlayXattr),
    /// The whole tree, with mount points that were made in it.
    Whole(Mutex<Planted>),
}

/// What a differ has to walk.
#[derive(Debug)]
pub enum Changes {
    /// Only what was touched, with overlay's whiteouts (character device 0:0) and opaque marks.
    Upper(OwnedFd),
    /// The whole tree, to be compared with the parent.
    Full(OwnedFd),
}

impl Active {
    pub(crate) fn new(shared: &Arc<Shared>, parent: &View) -> Result<Self, SnapshotError> {
        let (work, form) = match shared.driver {
            Driver::Copies => (pool::writable(shared, parent)?, Form::Whole(Mutex::default())),
            Driver::Overlay(xattr) => {
                let work = WorkDir::create(&shared.places)?;
                // The root of a mount is that of its upper directory.
                if let Some(delta) = shared.root_of(parent).or(parent.deltas().last()) {
                    let root = shared.places.delta(delta)?;
                    let copied = attributes::copy(root.as_fd(), work.fs());
                    copied.map_err(SnapshotError::io("set the attributes of", TreePath::root()))?;
                }
                (work, Form::Upper(xattr))
            }
        };
        Ok(Self { shared: Arc::clone(shared), parent: parent.clone(), work, form, spent: Mutex::default() })
    }

    /// Returns the tree as a detached writable mount with all `stubs` in place; the earlier one must be gone by then.
    ///
    /// Stubs leave no trace: they are not among the changes unless something was put into them. Where nothing can be mounted
    /// the result is an open directory.
    ///
    /// # Errors
    /// Only what the kernel says.
    pub fn mount(&self, stubs: &[Stub]) -> Result<OwnedFd, SnapshotError> {
        match &self.form {
            Form::Upper(xattr) => self.mount_overlay(*xattr, stubs),
            Form::Whole(planted) => {
                let mut planted = planted.lock().unwrap_or_else(PoisonError::into_inner);
                planted.plant(self.work.fs(), stubs).map_err(SnapshotError::io("make", "mount points"))?;
                expose(self.work.fs(), Attributes::empty())
            }
        }
    }

    fn mount_overlay(&self, xattr: OverlayXattr, stubs: &[Stub]) -> Result<OwnedFd, SnapshotError> {
        let mut lowers = self.shared.lowers(&self.parent)?;
        let mut spent = Vec::new();
        if !stubs.is_empty() {
            let view = self.shared.mount(&self.parent)?;
            let made = stub::layer(view.as_fd(), stubs).map_err(SnapshotError::io("make", "mount points"))?;
            lowers.splice(0..0, made);
            spent.push(view);
        }
        // A work directory serves one volatile mount only.
        self.work.discard(c"work");
        let failed = |error: std::io::Error| SnapshotError::io("mount", "the step's tree")(error);
        rustix::fs::mkdirat(self.work.top(), "work", Mode::RWXU).map_err(|error| failed(error.into()))?;
        let scratch = directory::open(self.work.top(), "work").map_err(|error| failed(error.into()))?;
        let borrowed: Vec<BorrowedFd<'_>> = lowers.iter().map(OwnedFd::as_fd).collect();
        let mounted = overlay(&borrowed, Some((self.work.fs(), scratch.as_fd())), OverlayOptions::new(xattr));
        spent.extend(lowers);
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).extend(spent);
        mounted.map_err(failed)
    }

    /// Takes the descriptors that only served to make mounts, for who has time to close them: the kernel waits for a grace period
    /// at every mount that goes with one. What nobody takes is closed with the tree.
    pub fn take_spent(&self) -> Vec<OwnedFd> {
        std::mem::take(&mut self.spent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns what a differ has to walk, after the last mount of the tree is gone.
    ///
    /// # Errors
    /// Only what the kernel says.
    pub fn changes(&self) -> Result<Changes, SnapshotError> {
        let root = directory::open(self.work.fs(), ".").map_err(SnapshotError::io("open", TreePath::root()))?;
        match &self.form {
            Form::Upper(_) => Ok(Changes::Upper(root)),
            Form::Whole(planted) => {
                let mut planted = planted.lock().unwrap_or_else(PoisonError::into_inner);
                planted.uproot(self.work.fs()).map_err(SnapshotError::io("remove", "mount points"))?;
                Ok(Changes::Full(root))
            }
        }
    }

    /// Removes the tree before it returns; dropping it leaves that to another thread.
    pub fn remove(self) {
        match self.form {
            Form::Upper(_) => self.work.remove(),
            // It goes back to the pool.
            Form::Whole(_) => drop(self),
        }
    }

    /// Returns what the tree lies over.
    pub fn parent(&self) -> &View {
        &self.parent
    }

    /// Freezes the changes, as `listing` has them, under a new name.
    ///
    /// # Errors
    /// Only what the kernel says; then nothing of it stays.
    pub fn commit(self, listing: &Listing) -> Result<DeltaId, SnapshotError> {
        let Self { shared, parent, work, form, spent: _ } = self;
        match form {
            Form::Upper(_) => {
                work.discard(c"work");
                work.commit(listing)
            }
            Form::Whole(planted) => {
                let mut planted = planted.into_inner().unwrap_or_else(PoisonError::into_inner);
                planted.uproot(work.fs()).map_err(SnapshotError::io("remove", "mount points"))?;
                let delta = WorkDir::create(&shared.places)?;
                let copied = apply::extract(work.fs(), listing, delta.fs());
                copied.map_err(|(path, error)| SnapshotError::io("copy", path)(error))?;
                let id = delta.commit(listing)?;
                let view = if listing.is_empty() { parent } else { parent.with(id.clone()) };
                let surplus = shared.pool().keep(view, work);
                // Deleted here, after the pool's lock is gone.
                drop(surplus);
                Ok(id)
            }
        }
    }
}
