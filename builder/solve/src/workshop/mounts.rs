//! RUN --mount: trees, caches and memory beside the root, and the mount points that the root lacks.

use std::os::fd::OwnedFd;

use containr_copy::Selection;
use containr_graph::{Access, Bind, CopyKeyed, CopyKind, CopySource, MountKind, Run, Unpack};
use containr_snapshot::{Active, Stub, StubKind, View};
use containr_store::{DeltaId, StepKey};
use containr_sys::beneath::{self, Links};
use containr_tree::TreePath;
use rustix::fs::{FileType, OFlags};

use super::Builder;
use super::cache_mount::CacheGuard;
use super::copy::Around;
use super::run::file_stub;
use crate::error::StepError;
use crate::identity;
use crate::port::RunMount;
use crate::steps::Trees;

/// Below these the mount point is in a file system that is made for the command.
const OWN_FILE_SYSTEMS: [&str; 3] = ["dev", "proc", "sys"];

/// Everything that is mounted for one command.
pub(super) struct Mounts {
    pub(super) mounts: Vec<RunMount>,
    pub(super) stubs: Vec<Stub>,
    /// Locks on caches, and trees whose changes are thrown away.
    pub(super) guards: Vec<Guard>,
}

/// Something that is held until the command has ended.
#[expect(dead_code, reason = "the guards act when they are dropped")]
pub(super) enum Guard {
    /// A cache, locked as its sharing wants it.
    Cache(CacheGuard),
    /// A writable tree.
    Tree(Active),
}

impl Builder<'_> {
    /// Returns the ids of the trees that mounts take, in order, and the selections of those that are contexts.
    #[expect(clippy::type_complexity, reason = "two lists that are made in one pass")]
    pub(super) fn mount_inputs(
        &self,
        run: &Run,
        trees: &Trees<'_>,
    ) -> Result<(Vec<[u8; 32]>, Vec<Option<Selection>>), StepError> {
        let (mut ids, mut selections) = (Vec::new(), Vec::new());
        for mount in &run.keyed.mounts {
            let mut selection = None;
            match &mount.kind {
                MountKind::Bind(bind) if self.local(bind.from, trees)?.is_some() => {
                    let selected = self.select(&bound(&bind.source), bind.from, trees)?;
                    ids.push(selected.digest().bytes().try_into().expect("SHA-256 has 32 bytes"));
                    selection = Some(selected);
                }
                MountKind::Bind(bind) => ids.push(trees.chain(bind.from).id.0),
                MountKind::Cache(cache) => ids.push(trees.chain(cache.from).id.0),
                MountKind::Tmpfs { .. } => {}
                MountKind::Secret(_) => return Err(StepError::Unsupported("`RUN --mount=type=secret`".to_owned())),
                MountKind::Ssh(_) => return Err(StepError::Unsupported("`RUN --mount=type=ssh`".to_owned())),
            }
            selections.push(selection);
        }
        Ok((ids, selections))
    }

    /// Makes all mounts of a command.
    pub(super) fn mounts(
        &self,
        run: &Run,
        trees: &Trees<'_>,
        selections: Vec<Option<Selection>>,
    ) -> Result<Mounts, StepError> {
        let stubs = self.runner.mount_points().iter().map(|path| file_stub(path)).collect();
        let mut all = Mounts { mounts: Vec::new(), stubs, guards: Vec::new() };
        for (mount, selection) in run.keyed.mounts.iter().zip(selections) {
            let mut kind = StubKind::Directory;
            match &mount.kind {
                MountKind::Bind(bind) => {
                    let (tree, source) = self.bind(bind, trees, selection, &mut all.guards)?;
                    kind = stub_kind(&tree, &source)?;
                    let target = mount.target.clone();
                    all.mounts.push(RunMount { target, tree, source, access: bind.access });
                }
                MountKind::Cache(cache) => {
                    let (tree, guard) = self.cache(cache)?;
                    all.guards.push(Guard::Cache(guard));
                    let (target, source) = (mount.target.clone(), TreePath::root());
                    all.mounts.push(RunMount { target, tree, source, access: cache.access });
                }
                MountKind::Tmpfs { .. } => {}
                MountKind::Secret(_) | MountKind::Ssh(_) => unreachable!("refused when the key was made"),
            }
            let target = clean(&mount.target)?;
            if !target.components().next().is_some_and(|top| OWN_FILE_SYSTEMS.iter().any(|s| s.as_bytes() == top)) {
                all.stubs.push(Stub { target, kind });
            }
        }
        Ok(all)
    }

    /// Returns the tree of a bind mount and what of it is mounted.
    fn bind(
        &self,
        bind: &Bind,
        trees: &Trees<'_>,
        selection: Option<Selection>,
        guards: &mut Vec<Guard>,
    ) -> Result<(OwnedFd, TreePath), StepError> {
        let (view, source) = match selection {
            Some(selection) => {
                let name = selection.single_name().map_or(TreePath::root(), |name| TreePath::root().join(name));
                (View::new(self.context_delta(bind, &selection, trees)?.into_iter().collect()), name)
            }
            None => (self.view(&trees.chain(bind.from), trees)?, clean(&bind.source)?),
        };
        if bind.access == Access::ReadOnly {
            return Ok((self.snapshots.mount(&view)?, source));
        }
        let active = self.snapshots.prepare(&view)?;
        let tree = active.mount(&[])?;
        guards.push(Guard::Tree(active));
        Ok((tree, source))
    }

    /// Returns the delta that holds the selected part of a context: a command sees what a COPY would take.
    fn context_delta(
        &self,
        bind: &Bind,
        selection: &Selection,
        trees: &Trees<'_>,
    ) -> Result<Option<DeltaId>, StepError> {
        let key = StepKey(identity::framed("context tree", &[selection.digest().bytes()]));
        if let Some(row) = self.store.result(&key)? {
            return Ok(row.delta);
        }
        let fresh = self.snapshots.create()?;
        let around = Around { trees, from: bind.from, target: None, previous: None };
        let listing = self.fill(&bound(&bind.source), selection, &around, &fresh)?;
        if listing.is_empty() {
            return Ok(None);
        }
        let delta = fresh.commit(&listing)?;
        let row = self.remember(key, identity::framed("context tree id", &[&key.0]), Some(delta.clone()))?;
        if row.delta.as_ref() != Some(&delta) {
            self.snapshots.remove(&delta)?;
        }
        Ok(row.delta)
    }
}

/// Returns the COPY that takes what a bind mount of a context shows.
pub(crate) fn bound(source: &str) -> CopyKeyed {
    CopyKeyed {
        kind: CopyKind::CopyContext,
        sources: vec![CopySource::Path(source.to_owned())],
        destination: "/".to_owned(),
        chown: None,
        chmod: None,
        link: false,
        parents: false,
        excludes: Vec::new(),
        unpack: Unpack::Never,
    }
}

fn clean(path: &str) -> Result<TreePath, StepError> {
    TreePath::clamped(path.as_bytes()).map_err(|_| StepError::Nul(path.to_owned()))
}

/// Returns what the mount point must be for the source of a bind.
fn stub_kind(tree: &OwnedFd, source: &TreePath) -> Result<StubKind, StepError> {
    let failed = |error: rustix::io::Errno| StepError::Io { what: source.to_string(), source: error.into() };
    let fd = beneath::open(tree, source.as_path(), OFlags::PATH, Links::Inside).map_err(failed)?;
    let stat = rustix::fs::fstat(&fd).map_err(failed)?;
    let directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
    Ok(if directory { StubKind::Directory } else { StubKind::File })
}
