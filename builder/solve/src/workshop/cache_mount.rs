//! `RUN --mount=type=cache`: directories of the store that survive builds, shared as the mount asks.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use containr_graph::{CacheMount, Sharing, Tree};
use containr_oci::Digest;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::Builder;
use crate::error::StepError;
use crate::identity;

/// How long a waiter sleeps between two tries.
const NAP: Duration = Duration::from_millis(10);

/// A cache's directory with the lock on it.
#[derive(Debug)]
#[expect(dead_code, reason = "the lock goes with the file")]
pub(super) struct CacheGuard(File);

impl Builder<'_> {
    /// Returns the directory of a cache, made when it is missing, and the lock that keeps it.
    pub(super) fn cache(&self, mount: &CacheMount) -> Result<(OwnedFd, CacheGuard), StepError> {
        if mount.from != Tree::Scratch {
            return Err(StepError::Unsupported("`from` of a cache mount".to_owned()));
        }
        let name = Digest::from_sha256(identity::framed("cache", &[mount.id.as_bytes()])).hex();
        let caches = self.store.caches_dir();
        // A private cache that is in use has siblings; the first free one is taken.
        for number in 0_u32.. {
            let path = if number == 0 { caches.join(&name) } else { caches.join(format!("{name}-{number}")) };
            let directory = open(&caches, &path, mount).map_err(failed(&path))?;
            if self.lock(&directory, mount.sharing).map_err(|cause| cause.at(&path))? {
                let tree = directory.try_clone().map_err(failed(&path))?.into();
                return Ok((tree, CacheGuard(directory)));
            }
        }
        unreachable!("some number is free")
    }

    /// Takes the lock that the sharing wants; says no when a private cache is in use.
    fn lock(&self, directory: &File, sharing: Sharing) -> Result<bool, Refused> {
        let operation = match sharing {
            Sharing::Shared => FlockOperation::NonBlockingLockShared,
            Sharing::Private | Sharing::Locked => FlockOperation::NonBlockingLockExclusive,
        };
        loop {
            match flock(directory, operation) {
                Ok(()) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if sharing == Sharing::Private => return Ok(false),
                Err(Errno::WOULDBLOCK) => {
                    self.cancel.check().map_err(|_| Refused::Cancelled)?;
                    std::thread::sleep(NAP);
                }
                Err(error) => return Err(Refused::System(error)),
            }
        }
    }
}

/// Why a lock was not taken.
enum Refused {
    Cancelled,
    System(Errno),
}

impl Refused {
    fn at(self, path: &Path) -> StepError {
        match self {
            Self::Cancelled => containr_progress::Cancelled.into(),
            Self::System(error) => failed(path)(error.into()),
        }
    }
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> StepError + use<> {
    let path = path.to_owned();
    move |source| StepError::Io { what: format!("cache {}", path.display()), source }
}

/// Opens a cache's directory; a new one appears with mode and owner already right.
fn open(caches: &Path, path: &PathBuf, mount: &CacheMount) -> std::io::Result<File> {
    if let Ok(directory) = File::open(path) {
        return Ok(directory);
    }
    fs::DirBuilder::new().mode(0o700).recursive(true).create(caches)?;
    let beside = caches.join(format!("new-{}", containr_store::DeltaId::random()?));
    fs::DirBuilder::new().mode(0o700).create(&beside)?;
    chown(&beside, Some(mount.uid), Some(mount.gid))?;
    fs::set_permissions(&beside, fs::Permissions::from_mode(mount.mode))?;
    if fs::rename(&beside, path).is_err() {
        // Somebody else made it, and it is not empty any more.
        fs::remove_dir(&beside)?;
    }
    File::open(path)
}
