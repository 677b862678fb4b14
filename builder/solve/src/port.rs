//! Ports: what the solver needs of others and only they can give.

use std::error::Error;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::sync::Mutex;

use containr_copy::Verdict;
use containr_graph::{Access, Image, Run};
use containr_oci::Platform;
use containr_progress::{Cancel, TaskId};
use containr_snapshot::View;
use containr_store::{ResultRow, Store, StoreError};
use containr_tree::{DigestCache, TreePath};

/// An error of whoever stands behind a port.
pub type PortError = Box<dyn Error + Send + Sync>;

/// Runs commands in sandboxes.
pub trait Runner: Sync {
    /// Runs one command to its end; its output goes to `log` and to whoever shows events.
    ///
    /// The runner mounts what every step sees (/proc, /sys, /dev, and the files of [`Runner::mount_points`])
    /// and the files of the op itself; the solver hands over the root and the mounts of other trees.
    ///
    /// # Errors
    /// Only when the command could not be run or was cancelled; how it ended is the outcome.
    fn run(&self, request: RunRequest<'_>) -> Result<RunOutcome, PortError>;

    /// Returns the files that the runner mounts in every root, as paths in it; the solver makes stubs for those that are missing.
    fn mount_points(&self) -> &[&str] {
        &["etc/hosts", "etc/resolv.conf"]
    }
}

/// One command to run.
pub struct RunRequest<'a> {
    /// The command.
    pub op: &'a Run,
    /// The platform it runs on.
    pub platform: &'a Platform,
    /// Variables that the solver adds, as `NAME=value`, after the op's own.
    pub extra_env: Vec<String>,
    /// The writable root, a detached mount.
    pub root: OwnedFd,
    /// Descriptors that only served to make the root, to be closed once the command is on its way.
    pub spent: Vec<OwnedFd>,
    /// Trees to be mounted inside, in order; tmpfs mounts stand in the op alone.
    pub mounts: Vec<RunMount>,
    /// The task that output belongs to.
    pub task: TaskId,
    /// Ends the command.
    pub cancel: &'a Cancel,
    /// Takes what the command prints, both streams as they come.
    pub log: &'a mut dyn Write,
}

/// A tree that a command sees besides its root.
#[derive(Debug)]
pub struct RunMount {
    /// Absolute path inside.
    pub target: String,
    /// The tree, a detached mount or a directory.
    pub tree: OwnedFd,
    /// What of the tree is mounted; links in it are followed inside the tree.
    pub source: TreePath,
    /// Whether the command may write.
    pub access: Access,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// It ended by itself with this code.
    Exited(i32),
    /// A signal ended it.
    Signaled(i32),
    /// The kernel ended it because memory was short.
    OutOfMemory,
}

/// Brings images.
pub trait Fetcher: Sync {
    /// Returns the image's layers as deltas; what is there already costs a look-up.
    ///
    /// # Errors
    /// Whatever pulling and unpacking give.
    fn layers(&self, image: &Image, task: TaskId, cancel: &Cancel) -> Result<View, PortError>;
}

/// Remembers results.
pub trait Lookup: Sync {
    /// Returns what a step gave.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    fn result(&self, key: &containr_store::StepKey) -> Result<Option<ResultRow>, StoreError>;

    /// Remembers what a step gave and returns the record as it stands: an older delta with the same id stays.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    fn record(&self, row: &ResultRow) -> Result<ResultRow, StoreError>;

    /// Returns the newest record with a label.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    fn nearest(&self, label: &str) -> Result<Option<ResultRow>, StoreError>;

    /// Waits until nobody else works on the step; the guard gives its place back.
    ///
    /// # Errors
    /// Cancelled, or the lock file cannot be used.
    fn lock<'a>(
        &'a self,
        key: &containr_store::StepKey,
        cancel: &Cancel,
        on_wait: &mut dyn FnMut(),
    ) -> Result<Box<dyn Guard + 'a>, StoreError>;
}

/// A guard: dropping it gives something back.
pub trait Guard {}

impl<T> Guard for T {}

impl Lookup for Store {
    fn result(&self, key: &containr_store::StepKey) -> Result<Option<ResultRow>, StoreError> {
        Self::result(self, key)
    }

    fn record(&self, row: &ResultRow) -> Result<ResultRow, StoreError> {
        Self::record(self, row)
    }

    fn nearest(&self, label: &str) -> Result<Option<ResultRow>, StoreError> {
        Self::nearest(self, label)
    }

    fn lock<'a>(
        &'a self,
        key: &containr_store::StepKey,
        cancel: &Cancel,
        on_wait: &mut dyn FnMut(),
    ) -> Result<Box<dyn Guard + 'a>, StoreError> {
        Ok(Box::new(self.lock_key(key, cancel, on_wait)?))
    }
}

/// A directory of the user's, opened.
pub struct LocalContext {
    /// The directory.
    pub root: OwnedFd,
    /// The ignore rules, asked with a path relative to the root.
    pub ignore: Box<dyn Fn(&TreePath) -> Verdict + Send + Sync>,
    /// Digests of files that have not changed since an earlier build.
    pub digests: Mutex<DigestCache>,
}

impl std::fmt::Debug for LocalContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalContext").field("root", &self.root).finish_non_exhaustive()
    }
}
