//! The door of the room: gives trees by views and deltas.

use std::collections::HashMap;
use std::ffi::CString;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use containr_store::DeltaId;
use containr_sys::mount::{Attributes, Depth, OverlayOptions, OverlayXattr, bind, overlay, tmpfs};
use containr_tree::{Listing, TreePath};
use rustix::fs::{Mode, OFlags};

use crate::active::Active;
use crate::driver::choose;
use crate::pool::{self, Pool};
use crate::work::{Places, ROOT_MARK, WHITEOUT_MARK, WorkDir};
use crate::{Driver, DriverChoice, Fresh, SnapshotError, SnapshotPaths, View, attributes, directory};

/// Gives trees; shared by threads.
#[derive(Debug, Clone)]
pub struct Snapshots {
    shared: Arc<Shared>,
}

/// What trees that are handed out hold on to.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) places: Arc<Places>,
    pub(crate) driver: Driver,
    listings: Mutex<HashMap<DeltaId, Arc<Listing>>>,
    pool: Mutex<Pool>,
}

impl Snapshots {
    /// Opens the trees of a store; the caller holds a lease while it uses them.
    ///
    /// # Errors
    /// [`SnapshotError::NoOverlay`] when overlay was asked for and does not work; else what the kernel says.
    pub fn open(paths: &SnapshotPaths, driver: DriverChoice) -> Result<Self, SnapshotError> {
        let places = Arc::new(Places::open(paths)?);
        let driver = choose(driver, &places, paths)?;
        let shared = Shared { places, driver, listings: Mutex::default(), pool: Mutex::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Returns the driver that is in use.
    pub fn driver(&self) -> Driver {
        self.shared.driver
    }

    /// Starts an empty delta that is written directly.
    ///
    /// # Errors
    /// Only what the kernel says.
    pub fn create(&self) -> Result<Fresh, SnapshotError> {
        Ok(Fresh { work: WorkDir::create(&self.shared.places)?, driver: self.shared.driver })
    }

    /// Starts a writable tree over `parent`.
    ///
    /// # Errors
    /// [`SnapshotError::Missing`] when a delta of the parent is gone; else what the kernel says.
    pub fn prepare(&self, parent: &View) -> Result<Active, SnapshotError> {
        Active::new(&self.shared, parent)
    }

    /// Returns the root of a read-only tree: a detached mount, or a directory where nothing can be mounted.
    ///
    /// # Errors
    /// [`SnapshotError::Missing`] when a delta is gone; else what the kernel says.
    pub fn mount(&self, view: &View) -> Result<OwnedFd, SnapshotError> {
        self.shared.mount(view)
    }

    /// Opens the files of one delta.
    ///
    /// # Errors
    /// [`SnapshotError::Missing`] when it is gone.
    pub fn delta_dir(&self, delta: &DeltaId) -> Result<OwnedFd, SnapshotError> {
        self.shared.places.delta(delta)
    }

    /// Returns the listing of a delta; it stays in memory.
    ///
    /// # Errors
    /// [`SnapshotError::Missing`] when the delta is gone, [`SnapshotError::Listing`] when the listing is damaged.
    pub fn listing(&self, delta: &DeltaId) -> Result<Arc<Listing>, SnapshotError> {
        self.shared.listing(delta)
    }

    /// Removes a delta that no record names; what cannot be deleted now waits in the trash for the collector.
    ///
    /// # Errors
    /// When it cannot even be moved; a delta that is gone already is no error.
    pub fn remove(&self, delta: &DeltaId) -> Result<(), SnapshotError> {
        let places = &self.shared.places;
        lock(&self.shared.listings).remove(delta);
        let trash = places.janitor.trash();
        match rustix::fs::renameat(&places.deltas, delta.as_str(), trash, delta.as_str()) {
            Ok(()) => {
                let name = CString::new(delta.as_str()).expect("hexadecimal digits hold no NUL");
                places.janitor.discard(trash, &name);
                Ok(())
            }
            Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(SnapshotError::io("remove", delta)(error)),
        }
    }
}

impl Shared {
    pub(crate) fn pool(&self) -> MutexGuard<'_, Pool> {
        lock(&self.pool)
    }

    pub(crate) fn listing(&self, delta: &DeltaId) -> Result<Arc<Listing>, SnapshotError> {
        if let Some(listing) = lock(&self.listings).get(delta) {
            return Ok(Arc::clone(listing));
        }
        let path = format!("{delta}/listing");
        let opened = rustix::fs::openat(&self.places.deltas, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        let file = opened.map_err(|error| match error {
            rustix::io::Errno::NOENT => SnapshotError::Missing(delta.clone()),
            error => SnapshotError::io("open", delta)(error),
        })?;
        let mut bytes = Vec::new();
        File::from(file).read_to_end(&mut bytes).map_err(SnapshotError::io("read", delta))?;
        let failed = |source| SnapshotError::Listing { delta: delta.clone(), source };
        let listing = Arc::new(Listing::decode(&bytes).map_err(failed)?);
        lock(&self.listings).insert(delta.clone(), Arc::clone(&listing));
        Ok(listing)
    }

    pub(crate) fn mount(&self, view: &View) -> Result<OwnedFd, SnapshotError> {
        match self.driver {
            Driver::Copies => {
                let tree = pool::read_only(self, view)?;
                expose(tree.fs(), Attributes::MOUNT_ATTR_RDONLY)
            }
            Driver::Overlay(xattr) => self.merge(view, xattr),
        }
    }

    /// Mounts the deltas of a view over each other, read-only.
    fn merge(&self, view: &View, xattr: OverlayXattr) -> Result<OwnedFd, SnapshotError> {
        let mut lowers = self.lowers(view)?;
        if let Some(root) = self.root_to_show(view)? {
            lowers.insert(0, root);
        }
        if let [only] = view.deltas()
            && self.places.has_mark(only, WHITEOUT_MARK)
        {
            lowers.push(empty()?);
        }
        let borrowed: Vec<BorrowedFd<'_>> = lowers.iter().map(OwnedFd::as_fd).collect();
        overlay(&borrowed, None, OverlayOptions::new(xattr)).map_err(SnapshotError::io("mount", "the parent tree"))
    }

    /// Opens the deltas of a view, topmost first; an empty directory stands for no delta at all.
    pub(crate) fn lowers(&self, view: &View) -> Result<Vec<OwnedFd>, SnapshotError> {
        let mut lowers = Vec::with_capacity(view.deltas().len().max(1) + 2);
        for delta in view.deltas().iter().rev() {
            lowers.push(self.places.delta(delta)?);
        }
        if lowers.is_empty() {
            lowers.push(empty()?);
        }
        Ok(lowers)
    }

    /// Returns the delta that says what the root directory of a view is like: the topmost that has it as an entry.
    pub(crate) fn root_of<'v>(&self, view: &'v View) -> Option<&'v DeltaId> {
        let marked = |delta: &&DeltaId| self.places.has_mark(delta, ROOT_MARK);
        view.deltas().iter().rev().find(marked)
    }

    /// Returns an empty directory with the attributes of the view's root, when the topmost delta has others by accident.
    fn root_to_show(&self, view: &View) -> Result<Option<OwnedFd>, SnapshotError> {
        let (Some(source), Some(top)) = (self.root_of(view), view.deltas().last()) else { return Ok(None) };
        if source == top {
            return Ok(None);
        }
        let (source, top) = (self.places.delta(source)?, self.places.delta(top)?);
        let failed = |error: rustix::io::Errno| SnapshotError::io("read", TreePath::root())(error);
        let (a, b) = (rustix::fs::fstat(&source).map_err(failed)?, rustix::fs::fstat(&top).map_err(failed)?);
        if (a.st_mode, a.st_uid, a.st_gid) == (b.st_mode, b.st_uid, b.st_gid) {
            return Ok(None);
        }
        let root = empty()?;
        // A mount's own descriptor only names it.
        let open = directory::open(&root, ".").map_err(failed)?;
        attributes::copy(source.as_fd(), open.as_fd()).map_err(failed)?;
        Ok(Some(root))
    }
}

/// Returns an empty detached directory.
fn empty() -> Result<OwnedFd, SnapshotError> {
    tmpfs(None, 0o755, Attributes::empty()).map_err(SnapshotError::io("mount", "an empty tree"))
}

/// Returns a directory as a detached mount, or open where mounting is not allowed.
pub(crate) fn expose(tree: BorrowedFd<'_>, wanted: Attributes) -> Result<OwnedFd, SnapshotError> {
    match bind(tree, Depth::Single, wanted) {
        Ok(mount) => Ok(mount),
        Err(_) => directory::open(tree, ".").map_err(SnapshotError::io("open", TreePath::root())),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
