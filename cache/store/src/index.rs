//! The SQLite database: how it is opened, its tables, and how many processes get along with it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::StoreError;

/// The version of the tables, kept in `user_version`.
const SCHEMA: i64 = 1;

/// How long a writer waits for another one before it gives up.
const BUSY: Duration = Duration::from_secs(60);

/// `seq` orders the rows for the sync after the output: it never repeats, also when rows are replaced.
const TABLES: &str = "
CREATE TABLE header (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE results (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, id BLOB NOT NULL, parent BLOB NOT NULL, delta TEXT,
    diff_id TEXT, log TEXT, label TEXT NOT NULL, key_parts BLOB NOT NULL, isolation TEXT NOT NULL,
    duration_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL,
    boot TEXT NOT NULL, synced INTEGER NOT NULL);
CREATE INDEX results_id ON results (id);
CREATE INDEX results_label ON results (label, seq);
CREATE INDEX results_unsynced ON results (seq) WHERE synced = 0;
CREATE TABLE layers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, diff_id TEXT NOT NULL UNIQUE, delta TEXT, size INTEGER NOT NULL,
    used INTEGER NOT NULL, boot TEXT NOT NULL, synced INTEGER NOT NULL);
CREATE INDEX layers_unsynced ON layers (seq) WHERE synced = 0;
CREATE TABLE layer_blobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, diff_id TEXT NOT NULL, codec TEXT NOT NULL, digest TEXT NOT NULL,
    descriptor TEXT NOT NULL, boot TEXT NOT NULL, synced INTEGER NOT NULL, UNIQUE (diff_id, codec, digest));
CREATE INDEX layer_blobs_unsynced ON layer_blobs (seq) WHERE synced = 0;
CREATE TABLE remotes (digest TEXT, repository TEXT, PRIMARY KEY (digest, repository)) WITHOUT ROWID;
CREATE TABLE images (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, config TEXT NOT NULL, manifest TEXT, source TEXT,
    annotations TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE INDEX images_config ON images (config);
CREATE TABLE facts (
    result BLOB, kind TEXT, version INTEGER, blob TEXT NOT NULL, PRIMARY KEY (result, kind, version)) WITHOUT ROWID;
PRAGMA user_version = 1;
";

/// One connection, shared by the threads of a process.
#[derive(Debug)]
pub(crate) struct Index {
    connection: Mutex<Connection>,
}

impl Index {
    /// Opens the index, or makes it; an existing one is not written to.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, None)
    }

    /// Opens the index through a named SQLite file layer; `None` is the usual one.
    fn open_with(path: &Path, vfs: Option<&std::ffi::CStr>) -> Result<Self, StoreError> {
        // NO_MUTEX: the mutex of this type is the only way to the connection.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = match vfs {
            None => Connection::open_with_flags(path, flags)?,
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        };
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(64);
        // The last process to leave would otherwise copy the journal into the database and remove it, while the user waits.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // NORMAL: no fsync at a commit; what a power cut takes away is a miss. Checkpoints are made after the output.
        connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")?;
        match version(&connection)? {
            0 => create(&mut connection)?,
            SCHEMA => {}
            other => return Err(other_version(path, other)),
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Returns the connection for single statements.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic between statements leaves no state behind: an open transaction is rolled back by its guard.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `body` in a transaction that takes the write lock first, so that what it reads stays true until it writes.
    pub(crate) fn write<T>(
        &self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = body(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

fn other_version(path: &Path, found: i64) -> StoreError {
    StoreError::Version { path: path.to_owned(), found: format!("index {found}"), expected: format!("index {SCHEMA}") }
}

/// Makes the tables; of several processes that try, one does it.
fn create(connection: &mut Connection) -> Result<(), StoreError> {
    choose_journal(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if version(&transaction)? == 0 {
        transaction.execute_batch(TABLES)?;
    }
    Ok(transaction.commit()?)
}

/// Chooses the write-ahead log, or a rollback journal where its shared memory cannot be mapped (some network file systems).
fn choose_journal(connection: &Connection) -> Result<(), StoreError> {
    let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
    // Reading is what maps the shared memory.
    let usable = matches!(mode.as_deref(), Ok("wal")) && version(connection).is_ok();
    if !usable {
        connection.query_row("PRAGMA journal_mode = TRUNCATE", [], |_| Ok(()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(index: &Index) -> String {
        index.lock().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn the_log_outlives_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("i");
        let index = Index::open(&path).unwrap();
        assert_eq!(mode(&index), "wal");
        drop(index);
        assert!(std::fs::metadata(dir.path().join("i-wal")).unwrap().len() > 0);
        assert_eq!(version(&Index::open(&path).unwrap().lock()).unwrap(), SCHEMA);
    }

    #[test]
    fn a_rollback_journal_serves_without_shared_memory() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("i");
        let index = Index::open_with(&path, Some(c"unix-dotfile")).unwrap();
        assert_eq!(mode(&index), "truncate");
        let put = |tx: &Transaction<'_>| Ok(tx.execute("INSERT INTO header VALUES ('a', 'b')", [])?);
        index.write(put).unwrap();
        drop(index);
        let again = Index::open_with(&path, Some(c"unix-dotfile")).unwrap();
        let count: i64 = again.lock().query_row("SELECT count(*) FROM header", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn a_later_schema_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("i");
        Index::open(&path).unwrap().lock().execute_batch("PRAGMA user_version = 7").unwrap();
        assert!(matches!(Index::open(&path), Err(StoreError::Version { found, .. }) if found == "index 7"));
    }

    #[test]
    fn a_failed_body_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let index = Index::open(&dir.path().join("i")).unwrap();
        let result: Result<(), _> = index.write(|tx| {
            tx.execute("INSERT INTO header VALUES ('a', 'b')", [])?;
            Err(StoreError::InUse(1))
        });
        assert!(result.is_err());
        let count: i64 = index.lock().query_row("SELECT count(*) FROM header", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0);
    }
}
