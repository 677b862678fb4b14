//! Locks between processes: flock(2) on files that come and go, freed by the kernel when a process dies.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use containr_progress::Cancel;
use rustix::fs::{FlockOperation, flock};

use crate::StoreError;

/// How long a waiter sleeps between two tries: short at first, longer later.
const FIRST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(25);

/// An open file with a lock on it, which goes with the file.
#[derive(Debug)]
pub struct FileLock {
    file: File,
}

/// Whether others may hold the same lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Others may share it.
    Shared,
    /// Nobody else may.
    Alone,
}

impl FileLock {
    /// Makes a file that must not exist yet and locks it alone.
    ///
    /// # Errors
    /// Only what the kernel says.
    pub(crate) fn create(path: &Path) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(0o600).open(path);
        let file = file.map_err(StoreError::io("create", path))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(StoreError::io("lock", path))?;
        Ok(Self { file })
    }

    /// Locks an open file or directory alone, or gives it back as nothing when somebody else has a lock.
    ///
    /// # Errors
    /// Only what the kernel says.
    pub fn try_alone(file: File) -> io::Result<Option<Self>> {
        attempt(&file, Share::Alone).map(|locked| locked.then_some(Self { file }))
    }

    /// Returns the file under the lock.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Opens (or makes) the file at `path` and locks it, trying again until it is free or the work is cancelled.
    pub(crate) fn wait(
        path: &Path,
        share: Share,
        cancel: &Cancel,
        on_wait: &mut dyn FnMut(),
    ) -> Result<Self, StoreError> {
        let mut nap = Duration::ZERO;
        loop {
            if let Some(lock) = Self::attempt(path, share)? {
                return Ok(lock);
            }
            if nap.is_zero() {
                on_wait();
            }
            cancel.check()?;
            nap = (nap * 2).clamp(FIRST_NAP, LONGEST_NAP);
            std::thread::sleep(nap);
        }
    }

    /// Opens (or makes) the file at `path` and locks it when that is possible at once.
    pub(crate) fn attempt(path: &Path, share: Share) -> Result<Option<Self>, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        loop {
            let file = options.open(path).map_err(StoreError::io("open", path))?;
            if !attempt(&file, share).map_err(StoreError::io("lock", path))? {
                return Ok(None);
            }
            if names(path, &file) {
                return Ok(Some(Self { file }));
            }
            // The holder removed the file between the open and the lock: the next one locks a new file.
        }
    }

    /// Returns whether some process holds a lock on the file at `path`; a missing file is not held.
    pub(crate) fn is_held(path: &Path) -> Result<bool, StoreError> {
        match File::open(path) {
            Ok(file) => Ok(!attempt(&file, Share::Alone).map_err(StoreError::io("lock", path))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::io("open", path)(error)),
        }
    }
}

/// A lock whose file is removed with it.
#[derive(Debug)]
pub(crate) struct PassingLock {
    path: PathBuf,
    lock: FileLock,
}

impl PassingLock {
    pub(crate) fn new(path: PathBuf, lock: FileLock) -> Self {
        Self { path, lock }
    }

    pub(crate) fn file(&self) -> &File {
        self.lock.file()
    }
}

impl Drop for PassingLock {
    fn drop(&mut self) {
        // Removed while still locked, so that nobody can lock it in between; the kernel unlocks at the close that follows.
        let _ = fs::remove_file(&self.path);
    }
}

fn attempt(file: &File, share: Share) -> io::Result<bool> {
    let operation = match share {
        Share::Shared => FlockOperation::NonBlockingLockShared,
        Share::Alone => FlockOperation::NonBlockingLockExclusive,
    };
    match flock(file, operation) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn names(path: &Path, file: &File) -> bool {
    match (fs::metadata(path), file.metadata()) {
        (Ok(named), Ok(open)) => (named.dev(), named.ino()) == (open.dev(), open.ino()),
        _ => false,
    }
}
