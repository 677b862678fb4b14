//! Takes what is not kept out of sight, and deletes what is out of sight.

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use containr_progress::Cancel;

use super::{ImageScope, Kept, PrunePolicy, Pruned};
use crate::lock::FileLock;
use crate::usage::list;
use crate::{DeltaId, Store, StoreError, remove_tree};

impl Store {
    /// Moves blobs, deltas, leftovers and old digest caches that nobody needs to the trash.
    pub(super) fn hide(&self, kept: &Kept, policy: &PrunePolicy, pruned: &mut Pruned) -> Result<(), StoreError> {
        let deltas = &kept.deltas;
        pruned.deltas += self
            .hide_unless(&self.layout.deltas(), |name| DeltaId::new(name).is_ok_and(|delta| deltas.contains(&delta)))?;
        for directory in list(&self.layout.blobs())? {
            let algorithm = name_of(&directory);
            pruned.blobs += self.hide_unless(&directory, |name| {
                format!("{algorithm}:{name}").parse().is_ok_and(|digest| kept.blobs.contains(&digest))
            })?;
        }
        self.hide_leftovers()?;
        self.hide_caches(policy)?;
        self.hide_contexts(policy)
    }

    /// Deletes what lies in the trash, also what earlier collections left there.
    pub(super) fn empty_trash(&self, cancel: &Cancel, pruned: &mut Pruned) -> Result<(), StoreError> {
        let trash = self.layout.trash();
        let directory = File::open(&trash).map_err(StoreError::io("open", &trash))?;
        for path in list(&trash)? {
            cancel.check()?;
            let name = CString::new(name_of(&path).as_bytes()).expect("names from a directory hold no NUL");
            let removed = remove_tree(directory.as_fd(), &name);
            pruned.bytes += removed.bytes;
            pruned.left += removed.left;
        }
        Ok(())
    }

    fn hide_unless(&self, directory: &Path, keep: impl Fn(&str) -> bool) -> Result<u64, StoreError> {
        let mut hidden = 0;
        for path in list(directory)? {
            if !keep(&name_of(&path)) {
                self.to_trash(&path)?;
                hidden += 1;
            }
        }
        Ok(hidden)
    }

    /// Hides trees and blobs under construction whose makers are dead: each maker holds a lock on its own.
    fn hide_leftovers(&self) -> Result<(), StoreError> {
        for directory in [self.layout.work(), self.layout.ingest()] {
            for path in list(&directory)? {
                if !FileLock::is_held(&path)? {
                    self.to_trash(&path)?;
                }
            }
        }
        for path in list(&self.layout.keys())? {
            if !FileLock::is_held(&path)? {
                self.to_trash(&path)?;
            }
        }
        Ok(())
    }

    /// Hides what steps keep for each other only when everything goes: it has no record that could grow old.
    fn hide_caches(&self, policy: &PrunePolicy) -> Result<(), StoreError> {
        let everything = policy.images == ImageScope::All && policy.unused_for.is_none() && policy.keep_bytes.is_none();
        if everything && self.layout.caches().exists() {
            self.hide_unless(&self.layout.caches(), |_| false)?;
        }
        Ok(())
    }

    fn hide_contexts(&self, policy: &PrunePolicy) -> Result<(), StoreError> {
        let unlimited = policy.unused_for.is_none() && policy.keep_bytes.is_none();
        let oldest = policy.unused_for.map(|seconds| self.now() - seconds);
        for path in list(&self.layout.contexts())? {
            let old = oldest.is_some_and(|oldest| fs::metadata(&path).is_ok_and(|metadata| metadata.mtime() < oldest));
            if unlimited || old {
                self.to_trash(&path)?;
            }
        }
        Ok(())
    }

    fn to_trash(&self, path: &Path) -> Result<(), StoreError> {
        let name = DeltaId::random().map_err(StoreError::io("name", path))?;
        match fs::rename(path, self.layout.trash().join(name.as_str())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io("move", path)(error)),
            _ => Ok(()),
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned()).unwrap_or_default()
}
