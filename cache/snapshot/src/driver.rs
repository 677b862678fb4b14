//! The two ways to make one tree of several deltas.

use std::os::fd::AsFd as _;
use std::sync::Arc;

use containr_sys::mount::{OverlayXattr, probe_overlay};

use crate::work::{Places, WorkDir};
use crate::{SnapshotError, SnapshotPaths};

/// How trees are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// By overlay mounts whose own marks are in these attributes.
    Overlay(OverlayXattr),
    /// By hard links and copies.
    Copies,
}

/// Which driver is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriverChoice {
    /// Overlay where a trial in the store shows that it works, else copies.
    Probe,
    /// Overlay or an error.
    Overlay,
    /// Copies.
    Copies,
    /// What an earlier probe of the same store, boot and user gave.
    Known(Driver),
}

impl Driver {
    /// Returns the name under which a store is bound to the driver.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overlay(OverlayXattr::Trusted) => "overlay",
            Self::Overlay(OverlayXattr::User) => "overlay-userxattr",
            Self::Copies => "copies",
        }
    }

    /// Returns the driver of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "overlay" => Some(Self::Overlay(OverlayXattr::Trusted)),
            "overlay-userxattr" => Some(Self::Overlay(OverlayXattr::User)),
            "copies" => Some(Self::Copies),
            _ => None,
        }
    }
}

/// Makes the choice, by trial where it has to.
pub(crate) fn choose(
    choice: DriverChoice,
    places: &Arc<Places>,
    paths: &SnapshotPaths,
) -> Result<Driver, SnapshotError> {
    let probe = || {
        let scratch = WorkDir::create(places)?;
        probe_overlay(scratch.fs().as_fd()).map_err(SnapshotError::io("probe overlay in", paths.work.display()))
    };
    match choice {
        DriverChoice::Copies => Ok(Driver::Copies),
        DriverChoice::Known(driver) => Ok(driver),
        DriverChoice::Probe => Ok(probe()?.map_or(Driver::Copies, Driver::Overlay)),
        DriverChoice::Overlay => match probe()? {
            Some(xattr) => Ok(Driver::Overlay(xattr)),
            None => Err(SnapshotError::NoOverlay(paths.work.display().to_string())),
        },
    }
}
