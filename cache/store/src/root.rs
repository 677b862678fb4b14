//! The store as a whole: opening it, its paths, and the properties it is bound to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use containr_oci::Digest;
use rusqlite::OptionalExtension as _;

use crate::blob::Damage;
use crate::index::Index;
use crate::layout::Layout;
use crate::{DeltaId, StoreError};

/// Blobs, deltas and the index that says what they are; shared by threads, and by processes through their own.
///
/// The connection must not cross a fork: open the store after forking, or do not touch it in the child.
#[derive(Debug)]
pub struct Store {
    pub(crate) layout: Layout,
    pub(crate) index: Index,
    pub(crate) options: StoreOptions,
    pub(crate) damages: Mutex<Vec<Damage>>,
    /// Blobs that this process has written.
    pub(crate) own: Arc<Mutex<BTreeSet<Digest>>>,
    /// Rows that were looked up and whose day of last use is due to be written after the output.
    pub(crate) touched: Mutex<BTreeSet<i64>>,
}

/// What the store must be told of the world around it.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The boot id of the running kernel: rows of another boot count only when they were synced.
    pub boot_id: String,
    /// Returns the seconds since 1970.
    pub now: fn() -> i64,
}

impl Store {
    /// Opens the store at `root`; makes what is missing, for the owner alone.
    ///
    /// # Errors
    /// A directory with other things in it, and a store of another format, are refused.
    pub fn open(root: &Path, options: &StoreOptions) -> Result<Self, StoreError> {
        let layout = Layout::open(root)?;
        let index = Index::open(&layout.index())?;
        Ok(Self {
            layout,
            index,
            options: options.clone(),
            damages: Mutex::default(),
            own: Arc::default(),
            touched: Mutex::default(),
        })
    }

    /// Returns the directory that all of the store lies in.
    pub fn root(&self) -> &Path {
        self.layout.root()
    }

    /// Returns the directory of committed deltas.
    pub fn deltas_dir(&self) -> PathBuf {
        self.layout.deltas()
    }

    /// Returns the directory of trees under construction.
    pub fn work_dir(&self) -> PathBuf {
        self.layout.work()
    }

    /// Returns the directory of things that are waiting to be deleted.
    pub fn trash_dir(&self) -> PathBuf {
        self.layout.trash()
    }

    /// Returns the directory of what `RUN --mount=type=cache` keeps; it is made when it is first needed.
    pub fn caches_dir(&self) -> PathBuf {
        self.layout.caches()
    }

    /// Returns the directory of the digest caches of build contexts.
    pub fn contexts_dir(&self) -> PathBuf {
        self.layout.contexts()
    }

    /// Binds the store to a property (`driver`, `id-map`) at the first call and checks it at later ones.
    ///
    /// # Errors
    /// [`StoreError::Bound`] when the store was made with another value.
    pub fn bind(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let bound = match self.property(name)? {
            Some(bound) => bound,
            None => self.index.write(|tx| {
                tx.execute("INSERT INTO header VALUES (?1, ?2) ON CONFLICT DO NOTHING", [name, value])?;
                Ok(property(tx, name)?.unwrap_or_default())
            })?,
        };
        if bound == value {
            return Ok(());
        }
        Err(StoreError::Bound { name: name.to_owned(), bound, wanted: value.to_owned() })
    }

    /// Returns a property of the store, if it has it.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn property(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(property(&self.index.lock(), name)?)
    }

    /// Gives the store a property that may change, unlike one that it is bound to.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn set_property(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.index.write(|tx| {
            tx.execute("INSERT OR REPLACE INTO header VALUES (?1, ?2)", [name, value])?;
            Ok(())
        })
    }

    /// Forgets all properties: an emptied store can be bound anew.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn forget_properties(&self) -> Result<(), StoreError> {
        self.index.write(|tx| {
            tx.execute("DELETE FROM header", [])?;
            Ok(())
        })
    }

    /// Returns whether a delta's directory is there.
    pub(crate) fn has_delta(&self, delta: &DeltaId) -> bool {
        rustix::fs::access(self.layout.deltas().join(delta.as_str()), rustix::fs::Access::EXISTS).is_ok()
    }

    pub(crate) fn now(&self) -> i64 {
        (self.options.now)()
    }
}

fn property(connection: &rusqlite::Connection, name: &str) -> rusqlite::Result<Option<String>> {
    let mut query = connection.prepare_cached("SELECT value FROM header WHERE name = ?1")?;
    query.query_row([name], |row| row.get(0)).optional()
}

/// Locks a mutex whose content is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A store in a directory of its own, booted under `boot`.
    pub(crate) fn store_at(root: &Path, boot: &str) -> Store {
        Store::open(root, &StoreOptions { boot_id: boot.to_owned(), now: || 1_000_000 }).unwrap()
    }

    #[test]
    fn a_bound_property_stays() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        store.bind("driver", "overlay").unwrap();
        store.bind("driver", "overlay").unwrap();
        let error = store_at(dir.path(), "b").bind("driver", "copies").unwrap_err();
        assert_eq!(error.to_string(), "store was made with driver `overlay` and cannot be used with `copies`");
    }

    #[test]
    fn an_emptied_store_can_be_bound_anew() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        store.bind("driver", "overlay").unwrap();
        store.forget_properties().unwrap();
        store.bind("driver", "copies").unwrap();
        assert_eq!(store.property("driver").unwrap().as_deref(), Some("copies"));
    }

    #[test]
    fn a_property_that_is_no_bond_changes() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        assert_eq!(store.property("tried").unwrap(), None);
        store.set_property("tried", "once").unwrap();
        store.set_property("tried", "twice").unwrap();
        assert_eq!(store.property("tried").unwrap().as_deref(), Some("twice"));
    }
}
