//! Directories of trees under construction, each locked by its maker.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;

use containr_store::{DeltaId, FileLock};
use containr_tree::{Kind, Listing};
use rustix::fs::{AtFlags, Mode};

use crate::janitor::Janitor;
use crate::{SnapshotError, SnapshotPaths, directory};

/// The directories of the store, open.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) deltas: OwnedFd,
    pub(crate) work: OwnedFd,
    pub(crate) janitor: Janitor,
}

impl Places {
    pub(crate) fn open(paths: &SnapshotPaths) -> Result<Self, SnapshotError> {
        let open = |path: &std::path::Path| {
            let opened = File::open(path).map(OwnedFd::from);
            opened.map_err(SnapshotError::io("open", path.display()))
        };
        Ok(Self { deltas: open(&paths.deltas)?, work: open(&paths.work)?, janitor: Janitor::new(open(&paths.trash)?) })
    }

    /// Removes a directory below `work`.
    fn discard_work(&self, id: &DeltaId) {
        self.janitor.discard(self.work.as_fd(), &file_name(id));
    }

    /// Returns whether a delta has a mark beside its `fs`.
    pub(crate) fn has_mark(&self, delta: &DeltaId, mark: &str) -> bool {
        let path = format!("{delta}/{mark}");
        rustix::fs::accessat(&self.deltas, path, rustix::fs::Access::EXISTS, AtFlags::empty()).is_ok()
    }

    /// Opens the tree of a committed delta.
    pub(crate) fn delta(&self, delta: &DeltaId) -> Result<OwnedFd, SnapshotError> {
        let opened = directory::open(&self.deltas, delta.as_str()).and_then(|top| directory::open(&top, "fs"));
        opened.map_err(|error| match error {
            rustix::io::Errno::NOENT => SnapshotError::Missing(delta.clone()),
            error => SnapshotError::io("open", delta)(error),
        })
    }
}

/// A directory below `work` with a tree in `fs`; removed when dropped, unless it became a delta.
#[derive(Debug)]
pub(crate) struct WorkDir {
    places: Arc<Places>,
    id: DeltaId,
    /// Tells the collector that its maker lives.
    lock: FileLock,
    fs: OwnedFd,
    /// Became a delta, or is removed.
    settled: bool,
}

impl WorkDir {
    /// Makes a directory with an empty `fs` of mode 0755.
    pub(crate) fn create(places: &Arc<Places>) -> Result<Self, SnapshotError> {
        let id = DeltaId::random().map_err(SnapshotError::io("name", "work directory"))?;
        let failed = |error: std::io::Error| SnapshotError::io("create", &id)(error);
        rustix::fs::mkdirat(&places.work, id.as_str(), Mode::RWXU).map_err(|error| failed(error.into()))?;
        let made = Self::fill(places, &id);
        if made.is_err() {
            places.discard_work(&id);
        }
        let (lock, fs) = made.map_err(failed)?;
        Ok(Self { places: Arc::clone(places), id, lock, fs, settled: false })
    }

    fn fill(places: &Places, id: &DeltaId) -> std::io::Result<(FileLock, OwnedFd)> {
        let top = directory::open(&places.work, id.as_str())?;
        let lock = FileLock::try_alone(top.into())?.ok_or(std::io::ErrorKind::ResourceBusy)?;
        rustix::fs::mkdirat(lock.file(), "fs", Mode::RWXU)?;
        let fs = directory::open(lock.file(), "fs")?;
        // Not by mkdir, which obeys the umask.
        rustix::fs::fchmod(&fs, Mode::from_raw_mode(0o755))?;
        Ok((lock, fs))
    }

    /// Removes an entry beside `fs`.
    pub(crate) fn discard(&self, name: &CStr) {
        self.places.janitor.discard(self.top(), name);
    }

    /// Removes the directory before it returns; dropping it leaves that to another thread.
    pub(crate) fn remove(mut self) {
        Janitor::remove(self.places.work.as_fd(), &file_name(&self.id));
        self.settled = true;
    }

    pub(crate) fn top(&self) -> BorrowedFd<'_> {
        self.lock.file().as_fd()
    }

    pub(crate) fn fs(&self) -> BorrowedFd<'_> {
        self.fs.as_fd()
    }

    /// Writes the listing and moves the directory to the deltas, where it is visible under its name at once and whole.
    pub(crate) fn commit(mut self, listing: &Listing) -> Result<DeltaId, SnapshotError> {
        let failed = |error: std::io::Error| SnapshotError::io("commit", &self.id)(error);
        self.write_listing(listing).map_err(failed)?;
        rustix::fs::renameat(&self.places.work, self.id.as_str(), &self.places.deltas, self.id.as_str())
            .map_err(|error| failed(error.into()))?;
        self.settled = true;
        Ok(self.id.clone())
    }

    fn write_listing(&self, listing: &Listing) -> std::io::Result<()> {
        use rustix::fs::OFlags;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let open = |name: &str| rustix::fs::openat(self.lock.file(), name, flags, Mode::RUSR | Mode::WUSR);
        listing.write(&mut File::from(open("listing")?))?;
        let entries = listing.entries();
        if entries.first().is_some_and(|entry| entry.path.is_root()) {
            open(ROOT_MARK)?;
        }
        if entries.iter().any(|entry| entry.kind == Kind::Whiteout) {
            open(WHITEOUT_MARK)?;
        }
        Ok(())
    }
}

fn file_name(id: &DeltaId) -> CString {
    CString::new(id.as_str()).expect("hexadecimal digits hold no NUL")
}

/// The file beside `fs` of a delta that says what the root directory is like: other deltas leave it as it was.
pub(crate) const ROOT_MARK: &str = "root";

/// The file beside `fs` of a delta with whiteouts: alone, it cannot be shown as it lies on disk.
pub(crate) const WHITEOUT_MARK: &str = "whiteouts";

impl Drop for WorkDir {
    fn drop(&mut self) {
        if !self.settled {
            // What cannot be removed has lost its lock and is collected later.
            self.places.discard_work(&self.id);
        }
    }
}
