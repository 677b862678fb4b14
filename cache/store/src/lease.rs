//! Leases: how a process says that it uses the store, and locks on single steps.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use containr_oci::Digest;
use containr_progress::Cancel;

use crate::lock::{FileLock, PassingLock, Share};
use crate::{DeltaId, StepKey, Store, StoreError};

/// Keeps the collector away: from everything at first, from what [`Lease::narrow`] names later.
#[derive(Debug)]
pub struct Lease {
    /// Dropped first: a collector must not find a lease that holds it off no more and has no list either.
    own: PassingLock,
    collector: Option<FileLock>,
}

/// Says that this process alone works on one step.
#[derive(Debug)]
pub struct KeyLock {
    _lock: PassingLock,
}

/// What a narrowed lease covers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) deltas: Vec<DeltaId>,
    pub(crate) blobs: Vec<Digest>,
}

impl Store {
    /// Takes a lease on everything: nothing is collected until it is dropped or narrowed.
    ///
    /// A build holds one from its first look-up to its last use. A running collector is waited for; it picks quickly.
    ///
    /// # Errors
    /// Only when the lock files cannot be used.
    pub fn lease(&self) -> Result<Lease, StoreError> {
        let never = Cancel::new();
        let collector = FileLock::wait(&self.layout.collector_lock(), Share::Shared, &never, &mut || {})?;
        let directory = self.layout.leases();
        let name = DeltaId::random().map_err(StoreError::io("name", &directory))?;
        let path = directory.join(name.as_str());
        let lock = FileLock::create(&path)?;
        Ok(Lease { collector: Some(collector), own: PassingLock::new(path, lock) })
    }

    /// Waits until no other process or thread works on the step, tells the first wait by `on_wait`, and takes its place.
    ///
    /// After a wait the result should be looked up again.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`] when the token was set meanwhile.
    pub fn lock_key(&self, key: &StepKey, cancel: &Cancel, on_wait: &mut dyn FnMut()) -> Result<KeyLock, StoreError> {
        let path = self.layout.keys().join(key.to_string());
        let lock = FileLock::wait(&path, Share::Alone, cancel, on_wait)?;
        Ok(KeyLock { _lock: PassingLock::new(path, lock) })
    }
}

impl Lease {
    /// Gives up everything but the named deltas and blobs, so that a long run does not hold up the collector.
    ///
    /// # Errors
    /// When the list cannot be written; then the lease still covers everything.
    pub fn narrow(&mut self, deltas: &[DeltaId], blobs: &[Digest]) -> Result<(), StoreError> {
        let mut text = String::new();
        for delta in deltas {
            text.push_str(&format!("delta {delta}\n"));
        }
        for blob in blobs {
            text.push_str(&format!("blob {blob}\n"));
        }
        text.push_str("end\n");
        let mut file = self.own.file();
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
        written.map_err(StoreError::io("write", Path::new("lease")))?;
        self.collector = None;
        Ok(())
    }
}

/// Reads what a narrowed lease covers; nothing is returned for a file that is not whole.
pub(crate) fn read_held(path: &Path) -> Result<Option<Held>, StoreError> {
    let mut text = String::new();
    let opened = File::open(path).and_then(|mut file| file.read_to_string(&mut text));
    opened.map_err(StoreError::io("read", path))?;
    let mut held = Held::default();
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("delta", name)) => held.deltas.push(DeltaId::new(name)?),
            Some(("blob", digest)) => held.blobs.push(digest.parse()?),
            _ if line == "end" => return Ok(Some(held)),
            _ => break,
        }
    }
    Ok(None)
}

/// Returns the lease files that a live process holds, and removes those of the dead.
pub(crate) fn live(directory: &Path) -> Result<Vec<std::path::PathBuf>, StoreError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(StoreError::io("read", directory))? {
        let path = entry.map_err(StoreError::io("read", directory))?.path();
        match FileLock::attempt(&path, Share::Alone)? {
            None => paths.push(path),
            Some(lock) => drop(PassingLock::new(path, lock)),
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::root::tests::store_at;

    #[test]
    fn a_second_holder_of_a_key_waits_and_can_be_cancelled() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let key = StepKey([1; 32]);
        let first = store.lock_key(&key, &Cancel::new(), &mut || panic!("nobody else is there")).unwrap();
        let cancel = Cancel::new();
        let mut waited = 0;
        let result = store.lock_key(&key, &cancel, &mut || {
            waited += 1;
            cancel.cancel();
        });
        assert!(matches!(result, Err(StoreError::Cancelled(_))));
        assert_eq!(waited, 1);
        drop(first);
        store.lock_key(&key, &Cancel::new(), &mut || panic!("it was given back")).unwrap();
        assert_eq!(fs::read_dir(store.layout.keys()).unwrap().count(), 0);
    }

    #[test]
    fn one_at_a_time_holds_a_key_that_comes_and_goes() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let (inside, total) = (Mutex::new(()), Mutex::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _key = store.lock_key(&StepKey([1; 32]), &Cancel::new(), &mut || {}).unwrap();
                        let _alone = inside.try_lock().expect("the key keeps others out");
                        *total.lock().unwrap() += 1;
                    }
                });
            }
        });
        assert_eq!(*total.lock().unwrap(), 200);
    }

    #[test]
    fn a_narrowed_lease_says_what_it_covers() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let mut lease = store.lease().unwrap();
        let (delta, blob) = (DeltaId::random().unwrap(), Digest::of(b"x"));
        let paths = live(&store.layout.leases()).unwrap();
        assert_eq!(read_held(&paths[0]).unwrap(), None);
        lease.narrow(std::slice::from_ref(&delta), &[blob]).unwrap();
        assert_eq!(read_held(&paths[0]).unwrap(), Some(Held { deltas: vec![delta], blobs: vec![blob] }));
        drop(lease);
        assert!(live(&store.layout.leases()).unwrap().is_empty());
    }
}
