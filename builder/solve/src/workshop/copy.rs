//! COPY and ADD.

use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;

use containr_copy::{Apply, Selection, apply};
use containr_graph::{Copy, CopyKeyed, Tree};
use containr_snapshot::Fresh;
use containr_tree::Listing;

use super::Builder;
use super::archive::Archives;
use crate::error::StepError;
use crate::steps::{Job, Made, Trees};

impl Builder<'_> {
    pub(super) fn copy(&self, job: &Job<'_>, copy: &Copy, selection: Option<Selection>) -> Result<Made, StepError> {
        let selection = match selection {
            Some(selection) => selection,
            None => self.select(&copy.keyed, copy.from, job.trees)?,
        };
        let target = if copy.keyed.link { None } else { self.target(job)? };
        let previous = job.previous.as_ref().and_then(|delta| {
            // Whatever is wrong with an older delta only means that nothing can be linked from it.
            Some((self.snapshots.delta_dir(delta).ok()?, self.snapshots.listing(delta).ok()?))
        });
        let fresh = self.snapshots.create()?;
        let trees = Around { trees: job.trees, from: copy.from, target, previous };
        let listing = self.fill(&copy.keyed, &selection, &trees, &fresh)?;
        self.commit_fresh(fresh, listing)
    }

    /// Writes a selection into a fresh delta.
    pub(super) fn fill(
        &self,
        op: &CopyKeyed,
        selection: &Selection,
        around: &Around<'_>,
        fresh: &Fresh,
    ) -> Result<Listing, StepError> {
        let tree = match (self.local(around.from, around.trees)?, around.from) {
            (Some(local), _) => Some(local.root.try_clone().map_err(clone_failed)?),
            (None, Tree::Scratch) => None,
            (None, from) => Some(self.snapshots.mount(&self.view(&around.trees.chain(from), around.trees)?)?),
        };
        let request = Apply {
            from: tree.as_ref().map(OwnedFd::as_fd),
            target: around.target.as_ref().map(OwnedFd::as_fd),
            into: fresh.dir(),
            previous: around.previous.as_ref().map(|(directory, listing)| (directory.as_fd(), &**listing)),
            extractor: &Archives { fresh, context: self.context() },
            time: self.time(),
            threads: self.threads.get(),
            cancel: self.cancel,
        };
        Ok(apply(op, selection, &request)?)
    }
}

/// The trees around a COPY.
pub(super) struct Around<'a> {
    pub(super) trees: &'a Trees<'a>,
    pub(super) from: Tree,
    /// The merged tree below; nothing for scratch and linked copies.
    pub(super) target: Option<OwnedFd>,
    /// An older delta of the same step.
    pub(super) previous: Option<(OwnedFd, Arc<Listing>)>,
}

fn clone_failed(source: std::io::Error) -> StepError {
    StepError::Io { what: "the build context".to_owned(), source }
}
