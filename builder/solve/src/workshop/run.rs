//! RUN: a writable tree over the parent, the command, and what it changed.

use std::os::fd::{AsFd as _, OwnedFd};

use containr_copy::Selection;
use containr_graph::Run;
use containr_layer::{Shape, diff_trees};
use containr_progress::TaskId;
use containr_snapshot::{Changes, Stub};
use rustix::fs::Mode;
use rustix::io::Errno;

use super::Builder;
use super::mounts::Mounts;
use crate::error::StepError;
use crate::port::{RunOutcome, RunRequest};
use crate::steps::{Job, Made};

/// Directories that the command finds mounted; they stay in the layer where the tree below lacks them.
const MOUNTED: [&str; 3] = ["proc", "sys", "dev"];

impl Builder<'_> {
    pub(super) fn run(&self, job: &Job<'_>, op: &Run, selections: Vec<Option<Selection>>) -> Result<Made, StepError> {
        let parent = self.view(&job.trees.chain(job.step.parent), job.trees)?;
        let mounts = self.mounts(op, job.trees, selections)?;
        let active = self.snapshots.prepare(&parent)?;
        let root = active.mount(&mounts.stubs)?;
        make_mounted(&root)?;
        let log = self.execute(job, op, root, mounts)?;
        let below = self.snapshots.mount(&parent)?;
        let (tree, shape) = match active.changes()? {
            Changes::Upper(tree) => (tree, Shape::Upper),
            Changes::Full(tree) => (tree, Shape::Full),
        };
        let mut listing = diff_trees(tree.as_fd(), shape, below.as_fd(), self.context())?;
        let sealed = self.seal(tree.as_fd(), &mut listing)?;
        let delta = if listing.is_empty() { None } else { Some(active.commit(&listing)?) };
        Ok(Made { log, ..self.made(&listing, delta, &sealed)? })
    }

    /// Runs the command and returns the blob of what it printed.
    fn execute(
        &self,
        job: &Job<'_>,
        op: &Run,
        root: OwnedFd,
        mounts: Mounts,
    ) -> Result<Option<containr_oci::Digest>, StepError> {
        let mut log = Log { ingest: self.store.ingest()?, bytes: 0 };
        let task: TaskId = job.task;
        let request = RunRequest {
            op,
            platform: &job.step.platform,
            extra_env: self.extra_env(op),
            root,
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
            RunOutcome::Exited(0) if log.bytes == 0 => Ok(None),
            RunOutcome::Exited(0) => Ok(Some(log.ingest.commit(None)?.0)),
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

/// Counts what is written, so that a silent step leaves no blob.
struct Log {
    ingest: containr_store::Ingest,
    bytes: u64,
}

impl std::io::Write for Log {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        let length = self.ingest.write(data)?;
        self.bytes += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.ingest.flush()
    }
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
