//! RUN: a writable tree over the parent, the command, and what it changed.

use std::io::{self, Write};
use std::os::fd::{AsFd as _, OwnedFd};

use containr_copy::Selection;
use containr_graph::Run;
use containr_layer::{Shape, diff_trees};
use containr_progress::TaskId;
use containr_snapshot::{Changes, Stub};
use containr_store::{Ingest, Store};
use containr_tree::Listing;
use rustix::fs::{Dir, Mode};
use rustix::io::Errno;

use super::Builder;
use super::mounts::Mounts;
use crate::error::StepError;
use crate::port::{RunOutcome, RunRequest};
use crate::steps::{Job, Made};

/// Directories that the command finds mounted; they stay in the layer where the tree below lacks them.
const MOUNTED: [&str; 3] = ["proc", "sys", "dev"];

/// The writable tree of a command, and what served to make it.
struct Root {
    mount: OwnedFd,
    spent: Vec<OwnedFd>,
}

impl Builder<'_> {
    pub(super) fn run(&self, job: &Job<'_>, op: &Run, selections: Vec<Option<Selection>>) -> Result<Made, StepError> {
        let parent = self.view(&job.trees.chain(job.step.parent), job.trees)?;
        let mounts = self.mounts(op, job.trees, selections)?;
        let active = self.snapshots.prepare(&parent)?;
        let root = active.mount(&mounts.stubs)?;
        make_mounted(&root)?;
        let log = self.execute(job, op, Root { mount: root, spent: active.take_spent() }, mounts)?;
        let (tree, shape) = match active.changes()? {
            Changes::Upper(tree) => (tree, Shape::Upper),
            Changes::Full(tree) => (tree, Shape::Full),
        };
        let mut listing = Listing::default();
        if shape == Shape::Full || !is_empty(&tree)? {
            let below = self.snapshots.mount(&parent)?;
            listing = diff_trees(tree.as_fd(), shape, below.as_fd(), self.context())?;
        }
        let sealed = self.seal(tree.as_fd(), &mut listing)?;
        let delta = if listing.is_empty() { None } else { Some(active.commit(&listing)?) };
        Ok(Made { log, ..self.made(&listing, delta, &sealed)? })
    }

    /// Runs the command and returns the blob of what it printed.
    fn execute(
        &self,
        job: &Job<'_>,
        op: &Run,
        root: Root,
        mounts: Mounts,
    ) -> Result<Option<containr_oci::Digest>, StepError> {
        let mut log = Log { store: self.store, ingest: None };
        let task: TaskId = job.task;
        let request = RunRequest {
            op,
            platform: &job.step.platform,
            extra_env: self.extra_env(op),
            root: root.mount,
            spent: root.spent,
            mounts: mounts.mounts,
            task,
            cancel: self.cancel,
            log: &mut log,
        };
        let outcome = match self.runner.run(request) {
            Ok(outcome) => outcome,
            // A cancelled command is not one that could not be run.
            Err(_) if self.cancel.is_cancelled() => return Err(containr_progress::Cancelled.into()),
            Err(error) => return Err(StepError::Runner(error)),
        };
        drop(mounts.guards);
        match outcome {
            RunOutcome::Exited(0) => match log.ingest {
                None => Ok(None),
                Some(ingest) => Ok(Some(ingest.commit(None)?.0)),
            },
            _ if self.cancel.is_cancelled() => Err(containr_progress::Cancelled.into()),
            RunOutcome::Exited(code) => Err(StepError::Exit(code)),
            RunOutcome::Signaled(signal) => Err(StepError::Signal(signal)),
            RunOutcome::OutOfMemory => Err(StepError::OutOfMemory),
        }
    }

    /// Tells the tools inside about the clamping time, unless the user did.
    fn extra_env(&self, op: &Run) -> Vec<String> {
        const NAME: &str = "SOURCE_DATE_EPOCH=";
        let told = op.keyed.env.iter().any(|variable| variable.starts_with(NAME));
        self.epoch.filter(|_| !told).map(|epoch| format!("{NAME}{epoch}")).into_iter().collect()
    }
}

/// Begins a blob with the first byte, so that a silent step touches no file.
struct Log<'a> {
    store: &'a Store,
    ingest: Option<Ingest>,
}

impl Write for Log<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.ingest.is_none() {
            self.ingest = Some(self.store.ingest().map_err(io::Error::other)?);
        }
        self.ingest.as_mut().map_or(Ok(0), |ingest| ingest.write(data))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.ingest.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Returns whether nothing was touched, which is then known without looking at the tree below.
fn is_empty(directory: &OwnedFd) -> Result<bool, StepError> {
    let failed = |error: Errno| StepError::Io { what: "the changes of the step".to_owned(), source: error.into() };
    for entry in Dir::read_from(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes the directories of the kernel's file systems, as they would be found in any image.
fn make_mounted(root: &OwnedFd) -> Result<(), StepError> {
    for name in MOUNTED {
        match rustix::fs::mkdirat(root, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(StepError::Io { what: format!("/{name}"), source: error.into() }),
        }
    }
    Ok(())
}

/// Returns the stub of a file that every command sees mounted.
pub(super) fn file_stub(path: &str) -> Stub {
    let target = containr_tree::TreePath::new(path.as_bytes()).expect("a constant path is clean");
    Stub { target, kind: containr_snapshot::StubKind::File }
}
