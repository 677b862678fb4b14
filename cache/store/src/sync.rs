//! What is written after the output: bytes to the disk, and that they are there.

use std::fs::{self, File};

use rusqlite::params;

use crate::root::lock;
use crate::{Store, StoreError};

/// The size of the write-ahead log in bytes from which it is copied into the database.
const LONG_LOG: u64 = 128 * 1024;

/// The tables whose rows name things that a power cut may tear.
const SYNCED_TABLES: [&str; 3] = ["results", "layers", "layer_blobs"];

impl Store {
    /// Makes what this boot wrote safe from power cuts and notes late uses; does nothing when nothing is due.
    ///
    /// Meant for the time after the user has seen the result: a sync can take long.
    ///
    /// # Errors
    /// When the file system cannot be synced or the index not written; nothing is lost then but the marks.
    pub fn sync_after_output(&self) -> Result<(), StoreError> {
        self.write_uses()?;
        // Rows that others add during the sync are not covered by it.
        let last = self.last_unsynced()?;
        if last.iter().all(Option::is_none) {
            return Ok(());
        }
        let root = self.root();
        let directory = File::open(root).map_err(StoreError::io("open", root))?;
        rustix::fs::syncfs(&directory).map_err(StoreError::io("sync", root))?;
        self.index.write(|tx| {
            for (table, last) in SYNCED_TABLES.into_iter().zip(last) {
                let text = format!("UPDATE {table} SET synced = 1 WHERE synced = 0 AND boot = ?1 AND seq <= ?2");
                tx.execute(&text, params![self.options.boot_id, last])?;
            }
            Ok(())
        })?;
        self.shorten_log()
    }

    /// Returns the highest unsynced row of this boot in each table.
    fn last_unsynced(&self) -> Result<Vec<Option<i64>>, StoreError> {
        let connection = self.index.lock();
        let mut last = Vec::new();
        for table in SYNCED_TABLES {
            let text = format!("SELECT max(seq) FROM {table} WHERE synced = 0 AND boot = ?1");
            last.push(connection.prepare_cached(&text)?.query_row([&self.options.boot_id], |row| row.get(0))?);
        }
        Ok(last)
    }

    fn write_uses(&self) -> Result<(), StoreError> {
        let touched = std::mem::take(&mut *lock(&self.touched));
        if touched.is_empty() {
            return Ok(());
        }
        let now = self.now();
        self.index.write(|tx| {
            for seq in touched {
                tx.prepare_cached("UPDATE results SET used = ?2 WHERE seq = ?1")?.execute([seq, now])?;
            }
            Ok(())
        })
    }

    /// Copies a long log into the database and empties it; the next process to open the index would read all of it.
    fn shorten_log(&self) -> Result<(), StoreError> {
        let log = self.layout.root().join("index-1.sqlite-wal");
        if fs::metadata(&log).is_ok_and(|metadata| metadata.len() > LONG_LOG) {
            // Busy means that others read: the next one to come here will do it.
            self.index.lock().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use containr_oci::{Descriptor, Digest, media};

    use crate::LayerRow;
    use crate::result::tests::row_with_delta;
    use crate::root::tests::store_at;

    #[test]
    fn rows_of_another_boot_count_only_when_synced() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "first");
        let (safe, lost) = (row_with_delta(&store, 1, 1), row_with_delta(&store, 2, 2));
        store.record(&safe).unwrap();
        store.sync_after_output().unwrap();
        store.record(&lost).unwrap();
        let same_boot = store_at(dir.path(), "first");
        assert!(same_boot.result(&lost.key).unwrap().is_some());
        let after_the_cut = store_at(dir.path(), "second");
        assert_eq!(after_the_cut.result(&safe.key).unwrap(), Some(safe));
        assert_eq!(after_the_cut.result(&lost.key).unwrap(), None);
        assert_eq!(after_the_cut.result_by_id(&lost.id).unwrap(), None);
        let nearest = after_the_cut.nearest(&lost.label).unwrap().unwrap();
        assert_eq!((nearest.key, nearest.delta), (lost.key, None), "its key can be told, its files are not taken");
        // Syncing now says nothing of what was written before the cut.
        after_the_cut.record(&row_with_delta(&after_the_cut, 3, 3)).unwrap();
        after_the_cut.sync_after_output().unwrap();
        assert_eq!(after_the_cut.result(&lost.key).unwrap(), None);
        let again = row_with_delta(&after_the_cut, 2, 2);
        assert_eq!(after_the_cut.record(&again).unwrap(), again, "the torn delta is not handed out");
    }

    #[test]
    fn layers_of_another_boot_lose_their_unsynced_trees() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "first");
        let diff_id = Digest::of(b"tar");
        let delta = row_with_delta(&store, 1, 1).delta;
        store.add_layer(&LayerRow { diff_id, delta: delta.clone(), size: 3 }).unwrap();
        store.put_blob(b"gz").unwrap();
        store.add_layer_blob(&diff_id, "foreign", &Descriptor::of(media::LAYER_GZIP, b"gz")).unwrap();
        let after_the_cut = store_at(dir.path(), "second");
        assert_eq!(after_the_cut.layer(&diff_id).unwrap(), None);
        assert_eq!(after_the_cut.layer_blobs(&diff_id).unwrap().len(), 1, "blobs are checked when they are read");
        store.sync_after_output().unwrap();
        assert_eq!(after_the_cut.layer(&diff_id).unwrap().unwrap().delta, delta);
        assert_eq!(after_the_cut.layer_blobs(&diff_id).unwrap().len(), 1);
    }

    #[test]
    fn look_ups_and_an_idle_sync_write_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let row = row_with_delta(&store, 1, 1);
        store.record(&row).unwrap();
        store.sync_after_output().unwrap();
        drop(store);
        let state = || {
            ["index-1.sqlite", "index-1.sqlite-wal"]
                .map(|name| std::fs::metadata(dir.path().join(name)).unwrap())
                .map(|metadata| (metadata.len(), metadata.modified().unwrap()))
        };
        let before = state();
        let store = store_at(dir.path(), "b");
        store.result(&row.key).unwrap().unwrap();
        store.sync_after_output().unwrap();
        drop(store);
        assert_eq!(state(), before);
    }

    #[test]
    fn a_long_log_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        for key in 0..120 {
            let mut row = row_with_delta(&store, key, key);
            row.key_parts = vec![key; 4096];
            store.record(&row).unwrap();
        }
        let log = dir.path().join("index-1.sqlite-wal");
        assert!(std::fs::metadata(&log).unwrap().len() > super::LONG_LOG);
        store.sync_after_output().unwrap();
        assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
    }
}
