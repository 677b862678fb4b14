//! Results: which step gave what.

use containr_oci::Digest;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use crate::root::lock;
use crate::{DeltaId, ResultId, StepKey, Store, StoreError};

/// Seconds after which a look-up counts as a new use.
const USE_GRAIN: i64 = 24 * 60 * 60;

/// What one step gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    /// The step's key.
    pub key: StepKey,
    /// The identity of the tree after the step.
    pub id: ResultId,
    /// The identity of the tree before the step.
    pub parent: ResultId,
    /// The delta; none when the step changed nothing.
    pub delta: Option<DeltaId>,
    /// The digest of the delta's uncompressed tar.
    pub diff_id: Option<Digest>,
    /// The blob of what the step printed.
    pub log: Option<Digest>,
    /// A name that stays when the key changes, for finding the nearest earlier record.
    pub label: String,
    /// The parts of the key in the solver's own encoding, for saying which differs.
    pub key_parts: Vec<u8>,
    /// How well the step was isolated.
    pub isolation: String,
    /// How long the step took, in milliseconds.
    pub duration_ms: u64,
    /// The size of the delta's files in bytes.
    pub bytes: u64,
    /// Seconds since 1970 at which the step ended.
    pub created: i64,
}

const COLUMNS: &str =
    "key, id, parent, delta, diff_id, log, label, key_parts, isolation, duration_ms, bytes, created, seq, used";

/// Rows of another boot count only when they were synced: a power cut may have torn what they name.
const TRUSTED: &str = "(synced = 1 OR boot = :boot)";

impl Store {
    /// Returns what the step gave, when it ran before and its delta is still there.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn result(&self, key: &StepKey) -> Result<Option<ResultRow>, StoreError> {
        let found = self.select(&self.index.lock(), "key = :value", &key.0)?;
        Ok(self.seen(found))
    }

    /// Returns a record of the result with this identity, when its delta is still there.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn result_by_id(&self, id: &ResultId) -> Result<Option<ResultRow>, StoreError> {
        let found = self.select(&self.index.lock(), "id = :value", &id.0)?;
        Ok(self.seen(found))
    }

    /// Returns the newest record with the same label, also when its delta is gone: for comparing keys.
    ///
    /// A delta that a power cut may have torn is left out: nobody is to take files from it.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn nearest(&self, label: &str) -> Result<Option<ResultRow>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS}, {TRUSTED} AS trusted FROM results WHERE label = :label ORDER BY seq DESC LIMIT 1"
        );
        let connection = self.index.lock();
        let mut statement = connection.prepare_cached(&text)?;
        let parameters = named_params! { ":label": label, ":boot": self.options.boot_id };
        let found = statement.query_row(parameters, |row| Ok((decode(row), row.get("trusted")?))).optional()?;
        let Some((found, trusted)) = found else { return Ok(None) };
        let mut row = found?.row;
        row.delta = row.delta.filter(|_| trusted);
        Ok(Some(row))
    }

    /// Remembers what a step gave and returns the record as it stands.
    ///
    /// When the same result is there already, under whichever key, its older delta stays: the returned row names it, and the
    /// caller removes its own.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn record(&self, row: &ResultRow) -> Result<ResultRow, StoreError> {
        self.index.write(|tx| {
            let mut row = row.clone();
            if let Some(Found { row: older, .. }) = self.select(tx, "id = :value", &row.id.0)? {
                row.delta = older.delta;
                row.diff_id = older.diff_id.or(row.diff_id);
            }
            self.insert(tx, &row)?;
            Ok(row)
        })
    }

    /// Finds the oldest trusted row whose delta is there.
    fn select(&self, connection: &Connection, condition: &str, value: &[u8]) -> Result<Option<Found>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM results WHERE {condition} AND {TRUSTED} ORDER BY seq");
        let mut statement = connection.prepare_cached(&text)?;
        let mut rows = statement.query(named_params! { ":value": value, ":boot": self.options.boot_id })?;
        while let Some(row) = rows.next()? {
            let found = decode(row)?;
            if found.row.delta.as_ref().is_none_or(|delta| self.has_delta(delta)) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn insert(&self, connection: &Connection, row: &ResultRow) -> Result<(), StoreError> {
        let mut statement = connection.prepare_cached(
            "INSERT OR REPLACE INTO results (key, id, parent, delta, diff_id, log, label, key_parts, isolation,
             duration_ms, bytes, created, used, boot, synced) VALUES (:key, :id, :parent, :delta, :diff_id, :log, :label,
             :key_parts, :isolation, :duration_ms, :bytes, :created, :used, :boot, 0)",
        )?;
        statement.execute(named_params! {
            ":key": row.key.0,
            ":id": row.id.0,
            ":parent": row.parent.0,
            ":delta": row.delta.as_ref().map(DeltaId::as_str),
            ":diff_id": row.diff_id.map(|digest| digest.to_string()),
            ":log": row.log.map(|digest| digest.to_string()),
            ":label": row.label,
            ":key_parts": row.key_parts,
            ":isolation": row.isolation,
            ":duration_ms": row.duration_ms.cast_signed(),
            ":bytes": row.bytes.cast_signed(),
            ":created": row.created,
            ":used": self.now(),
            ":boot": self.options.boot_id,
        })?;
        Ok(())
    }

    /// Notes that a row was used, when its last noted use is long ago, and hands the row on.
    fn seen(&self, found: Option<Found>) -> Option<ResultRow> {
        let found = found?;
        if found.used < self.now() - USE_GRAIN {
            lock(&self.touched).insert(found.seq);
        }
        Some(found.row)
    }
}

/// A row with what only this room knows of it.
struct Found {
    row: ResultRow,
    seq: i64,
    used: i64,
}

fn decode(row: &Row<'_>) -> Result<Found, StoreError> {
    let digest = |index: usize| -> Result<Option<Digest>, StoreError> {
        row.get_ref(index)?
            .as_str_or_null()
            .map_err(|error| StoreError::row("results", error))?
            .map(|text| Ok(text.parse()?))
            .transpose()
    };
    let delta = row.get_ref(3)?.as_str_or_null().map_err(|e| StoreError::row("results", e))?;
    Ok(Found {
        row: ResultRow {
            key: StepKey(row.get(0)?),
            id: ResultId(row.get(1)?),
            parent: ResultId(row.get(2)?),
            delta: delta.map(DeltaId::new).transpose()?,
            diff_id: digest(4)?,
            log: digest(5)?,
            label: row.get(6)?,
            key_parts: row.get(7)?,
            isolation: row.get(8)?,
            duration_ms: row.get::<_, i64>(9)?.cast_unsigned(),
            bytes: row.get::<_, i64>(10)?.cast_unsigned(),
            created: row.get(11)?,
        },
        seq: row.get(12)?,
        used: row.get(13)?,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use super::*;
    use crate::root::tests::store_at;

    /// Makes a delta's directory and a row that names it.
    pub(crate) fn row_with_delta(store: &Store, key: u8, id: u8) -> ResultRow {
        let delta = DeltaId::random().unwrap();
        fs::create_dir_all(store.deltas_dir().join(delta.as_str()).join("fs")).unwrap();
        ResultRow {
            key: StepKey([key; 32]),
            id: ResultId([id; 32]),
            parent: ResultId([0; 32]),
            delta: Some(delta),
            diff_id: None,
            log: None,
            label: format!("step {id}"),
            key_parts: vec![key],
            isolation: "root".to_owned(),
            duration_ms: 7,
            bytes: 11,
            created: 1_000_000,
        }
    }

    #[test]
    fn a_record_is_found_by_key_id_and_label() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let mut row = row_with_delta(&store, 1, 2);
        row.diff_id = Some(Digest::of(b"tar"));
        row.log = Some(Digest::of(b"log"));
        assert_eq!(store.record(&row).unwrap(), row);
        assert_eq!(store.result(&row.key).unwrap().as_ref(), Some(&row));
        assert_eq!(store.result_by_id(&row.id).unwrap().as_ref(), Some(&row));
        assert_eq!(store.nearest("step 2").unwrap().as_ref(), Some(&row));
        assert_eq!(store.result(&StepKey([9; 32])).unwrap(), None);
    }

    #[test]
    fn the_older_delta_of_the_same_result_stays() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let (older, newer) = (row_with_delta(&store, 1, 5), row_with_delta(&store, 2, 5));
        store.record(&older).unwrap();
        let kept = store.record(&newer).unwrap();
        assert_eq!((kept.key, kept.delta), (newer.key, older.delta));
    }

    #[test]
    fn another_outcome_of_the_same_step_replaces_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let (first, second) = (row_with_delta(&store, 1, 5), row_with_delta(&store, 1, 6));
        store.record(&first).unwrap();
        store.record(&second).unwrap();
        assert_eq!(store.result(&first.key).unwrap(), Some(second));
        assert_eq!(store.result_by_id(&first.id).unwrap(), None);
    }

    #[test]
    fn a_record_whose_delta_is_gone_is_a_miss() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let (lost, fresh) = (row_with_delta(&store, 1, 5), row_with_delta(&store, 2, 5));
        store.record(&lost).unwrap();
        fs::remove_dir_all(store.deltas_dir().join(lost.delta.as_ref().unwrap().as_str())).unwrap();
        assert_eq!(store.result(&lost.key).unwrap(), None);
        assert_eq!(store.record(&fresh).unwrap(), fresh, "the lost delta is not handed out");
    }

    #[test]
    fn an_empty_result_needs_no_delta() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let row = ResultRow { delta: None, ..row_with_delta(&store, 1, 5) };
        store.record(&row).unwrap();
        assert_eq!(store.result(&row.key).unwrap(), Some(row));
    }
}
