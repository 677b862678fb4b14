//! Where the engine stands: whose ids it has and how its trees are put together, and that the store was made so.

use std::os::unix::fs::MetadataExt as _;

use containr_sandbox::{IdFacts, IdPlan, Ids, IdsError, Isolation, SandboxError, Standing};
use containr_snapshot::{Driver, DriverChoice, SnapshotPaths, Snapshots};
use containr_store::Store;
use containr_sys::identity::IdentityError;

use crate::error::Context as _;
use crate::{EngineError, Settings};

/// Property of a store: how its trees are put together.
const DRIVER: &str = "driver";
/// Property of a store: which ids of the machine its owners are.
const ID_MAP: &str = "id-map";
/// Property of a store: under which circumstances the driver was last tried.
const TRIED: &str = "driver-tried";

/// What to do when newuidmap and newgidmap are there and do not work.
const HELPERS: &str = "newuidmap and newgidmap have to be set-user-id root (Debian's package uidmap) and the ranges in /etc/subuid and \
                       /etc/subgid must not overlap the user's own id";

/// Gets the ids that trees and steps need; who has too few enters a user namespace, which takes a process with one thread.
pub(crate) fn enter() -> Result<Ids, EngineError> {
    let failed = || "cannot get the user ids that images need".to_owned();
    let facts = IdFacts::read().context(failed)?;
    match facts.decide().carry_out() {
        Ok(ids) => Ok(ids),
        // Root of a container that forbids namespaces has all ids for trees; only steps will not run, unless by chroot.
        Err(IdsError::Enter(_)) if facts.standing == Standing::IdChanger => {
            IdPlan::Stay(Ids::Initial).carry_out().context(failed)
        }
        Err(error @ IdsError::Enter(_)) => Err(EngineError::Refused {
            what: failed(),
            way_out: match &error {
                IdsError::Enter(IdentityError::Helper(_)) => HELPERS.to_owned(),
                _ => crate::doctor::namespaces_way_out(),
            },
            source: Box::new(error),
        }),
        Err(error) => Err(error).context(failed),
    }
}

/// Tells what to change where steps cannot be kept apart.
pub(crate) fn no_sandbox(error: SandboxError, isolation: Isolation) -> EngineError {
    let what = "cannot start the sandbox".to_owned();
    match (isolation, &error) {
        (Isolation::Namespaces, SandboxError::Launcher(_) | SandboxError::Process(_)) => {
            EngineError::Refused { what, way_out: crate::doctor::namespaces_way_out(), source: Box::new(error) }
        }
        (Isolation::Chroot, SandboxError::Launcher(_)) => {
            let way_out = "--isolation=chroot needs the capability SYS_CHROOT or a user namespace".to_owned();
            EngineError::Refused { what, way_out, source: Box::new(error) }
        }
        _ => EngineError::Work { what, source: Box::new(error) },
    }
}

/// Refuses a store whose files belong to other ids than this process gives them.
pub(crate) fn check_ids(store: &Store) -> Result<(), EngineError> {
    let failed = || format!("cannot use the state in {}", store.root().display());
    let map = containr_sandbox::id_map().context(failed)?;
    store.bind(ID_MAP, &map).context(failed)
}

/// Opens the trees with the driver that the store was made with; a trial tells it once a boot.
pub(crate) fn open_trees(store: &Store, settings: &Settings, ids: Ids) -> Result<Snapshots, EngineError> {
    let failed = || format!("cannot open the state in {}", settings.root.display());
    let device = store.root().metadata().context(failed)?.dev();
    let circumstances = format!("{} {device} {} {ids:?}", settings.boot_id, settings.uid);
    let known = match store.property(TRIED).context(failed)? {
        Some(tried) if tried == circumstances => store.property(DRIVER).context(failed)?,
        _ => None,
    };
    let paths = SnapshotPaths::from(store);
    if let Some(driver) = known.as_deref().and_then(Driver::from_name) {
        return Snapshots::open(&paths, DriverChoice::Known(driver)).context(failed);
    }
    let snapshots = Snapshots::open(&paths, DriverChoice::Probe).context(failed)?;
    store.bind(DRIVER, snapshots.driver().name()).context(failed)?;
    store.set_property(TRIED, &circumstances).context(failed)?;
    Ok(snapshots)
}
