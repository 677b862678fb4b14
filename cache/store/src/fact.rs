//! Facts: what later rooms found out about a result, each a blob of their own format.

use containr_oci::Digest;
use rusqlite::params;

use crate::{ResultId, Store, StoreError};

/// One thing that is known of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about (`packages`).
    pub kind: String,
    /// The version of whoever found it out.
    pub version: u32,
    /// The blob with the fact itself.
    pub blob: Digest,
}

impl Store {
    /// Remembers a fact about a result; one of the same kind and version is replaced.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn add_fact(&self, result: &ResultId, fact: &Fact) -> Result<(), StoreError> {
        self.index.write(|tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO facts VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                result.0,
                fact.kind,
                fact.version,
                fact.blob.to_string()
            ])?;
            Ok(())
        })
    }

    /// Returns the facts about a result whose blobs are there, sorted by kind and version.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn facts(&self, result: &ResultId) -> Result<Vec<Fact>, StoreError> {
        let mut facts = Vec::new();
        let connection = self.index.lock();
        let mut statement = connection
            .prepare_cached("SELECT kind, version, blob FROM facts WHERE result = ?1 ORDER BY kind, version")?;
        let mut rows = statement.query([result.0])?;
        while let Some(row) = rows.next()? {
            let blob: Digest = row.get::<_, String>(2)?.parse()?;
            if self.has_blob(&blob)?.is_some() {
                facts.push(Fact { kind: row.get(0)?, version: row.get(1)?, blob });
            }
        }
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::tests::store_at;

    #[test]
    fn a_fact_without_its_blob_is_unknown() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let fact = |blob| Fact { kind: "packages".to_owned(), version: 1, blob };
        let known = fact(store.put_blob(b"[]").unwrap());
        store.add_fact(&ResultId([1; 32]), &fact(Digest::of(b"older"))).unwrap();
        assert_eq!(store.facts(&ResultId([1; 32])).unwrap(), []);
        store.add_fact(&ResultId([1; 32]), &known).unwrap();
        assert_eq!(store.facts(&ResultId([1; 32])).unwrap(), [known]);
    }
}
