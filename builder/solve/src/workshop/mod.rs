//! The work itself, on a real store: COPY and WORKDIR write deltas directly, RUN works in an overlay.

mod archive;
mod cache_mount;
mod commit;
mod copy;
mod images;
mod mounts;
mod run;
mod source;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::OnceLock;

use containr_copy::Selection;
use containr_graph::{Op, Step, StepId};
use containr_layer::{Codec, Sealed};
use containr_progress::{Cancel, Progress};
use containr_snapshot::{Snapshots, View};
use containr_store::{DeltaId, Store};

use crate::chain::Chain;
use crate::error::StepError;
use crate::port::{Fetcher, LocalContext, Runner};
use crate::steps::{Job, Made, Settings, Trees, Workshop, is_linked};

use images::Images;
pub(crate) use mounts::bound;
pub(crate) use source::question;

/// The real workshop.
pub(crate) struct Builder<'a> {
    store: &'a Store,
    snapshots: &'a Snapshots,
    runner: &'a dyn Runner,
    fetcher: &'a dyn Fetcher,
    contexts: &'a BTreeMap<String, LocalContext>,
    progress: &'a dyn Progress,
    cancel: &'a Cancel,
    clock: &'a (dyn Fn() -> u64 + Sync),
    epoch: Option<i64>,
    fidelity: &'a str,
    threads: NonZeroUsize,
    compress: Option<Codec>,
    images: Images,
    /// The layer of steps that change nothing, once there was one.
    empty: OnceLock<Sealed>,
}

/// What a workshop works with.
#[derive(Clone, Copy)]
pub(crate) struct Tools<'a> {
    pub(crate) store: &'a Store,
    pub(crate) snapshots: &'a Snapshots,
    pub(crate) runner: &'a dyn Runner,
    pub(crate) fetcher: &'a dyn Fetcher,
    pub(crate) contexts: &'a BTreeMap<String, LocalContext>,
}

/// What was selected for a step's key.
pub(crate) enum Prepared {
    /// Nothing.
    None,
    /// The files of a COPY; nothing when their digest was remembered.
    Copy(Option<Selection>),
    /// For each mount of a RUN in order: the files, where it takes them from a context.
    Mounts(Vec<Option<Selection>>),
}

impl Workshop for Builder<'_> {
    type Prepared = Prepared;

    fn inputs(&self, step: &Step, trees: &Trees<'_>) -> Result<(Vec<[u8; 32]>, Prepared), StepError> {
        match &step.op {
            Op::Image(_) | Op::Local(_) | Op::Workdir(_) => Ok((Vec::new(), Prepared::None)),
            Op::Copy(copy) => {
                let (id, selection) = self.copy_input(step, copy, trees)?;
                Ok((vec![id], Prepared::Copy(selection)))
            }
            Op::Run(run) => {
                let (ids, selections) = self.mount_inputs(run, trees)?;
                Ok((ids, Prepared::Mounts(selections)))
            }
        }
    }

    fn bring(&self, step: &Step, trees: &Trees<'_>) -> Result<(), StepError> {
        match trees.chain(step.parent).base {
            Some(image) if !is_linked(step) => self.image(image, trees).map(drop),
            _ => Ok(()),
        }
    }

    fn work(&self, job: &Job<'_>, prepared: Prepared) -> Result<Made, StepError> {
        match (&job.step.op, prepared) {
            (Op::Run(run), Prepared::Mounts(selections)) => self.run(job, run, selections),
            (Op::Copy(copy), Prepared::Copy(selection)) => self.copy(job, copy, selection),
            (Op::Workdir(workdir), _) => self.workdir(job, workdir),
            _ => unreachable!("what was prepared belongs to the op"),
        }
    }

    fn discard(&self, delta: &DeltaId) {
        // What cannot be removed now is garbage that the collector finds.
        _ = self.snapshots.remove(delta);
    }

    fn brought(&self, image: StepId) -> bool {
        self.images.brought(image)
    }
}

impl<'a> Builder<'a> {
    /// Returns a workshop with these tools and the settings of the build.
    pub(crate) fn new(
        tools: Tools<'a>,
        settings: &Settings<'a>,
        threads: NonZeroUsize,
        compress: Option<Codec>,
    ) -> Self {
        let Tools { store, snapshots, runner, fetcher, contexts } = tools;
        let Settings { progress, cancel, clock, epoch, fidelity, .. } = *settings;
        let (images, empty) = (Images::default(), OnceLock::new());
        Self {
            store,
            snapshots,
            runner,
            fetcher,
            contexts,
            progress,
            cancel,
            clock,
            epoch,
            fidelity,
            threads,
            compress,
            images,
            empty,
        }
    }

    /// Returns the deltas of a tree, its image brought when it is not here yet.
    pub(crate) fn view(&self, chain: &Chain, trees: &Trees<'_>) -> Result<View, StepError> {
        let mut deltas = match chain.base {
            Some(image) => self.image(image, trees)?.deltas().to_vec(),
            None => Vec::new(),
        };
        deltas.extend(chain.deltas());
        Ok(View::new(deltas))
    }

    /// Returns the merged tree below a step; nothing for scratch.
    fn target(&self, job: &Job<'_>) -> Result<Option<OwnedFd>, StepError> {
        let chain = job.trees.chain(job.step.parent);
        if chain.base.is_none() && chain.layers.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.snapshots.mount(&self.view(&chain, job.trees)?)?))
    }

    /// Returns the time that new entries get, in seconds since 1970.
    fn time(&self) -> i64 {
        self.epoch.unwrap_or_else(|| ((self.clock)() / 1000).cast_signed())
    }

    fn workdir(&self, job: &Job<'_>, op: &containr_graph::Workdir) -> Result<Made, StepError> {
        let target = self.target(job)?;
        let fresh = self.snapshots.create()?;
        let target = target.as_ref().map(OwnedFd::as_fd);
        let listing = containr_copy::workdir(op, target, fresh.dir(), self.time(), self.cancel)?;
        self.commit_fresh(fresh, listing)
    }
}
