//! Which rows go, and what the others need.

use std::collections::BTreeSet;

use containr_oci::{Digest, ImageConfig, Target};
use rusqlite::{Transaction, params};

use super::{ImageScope, Kept, PrunePolicy, Pruned};
use crate::{DeltaId, Store, StoreError};

/// A row that goes unless the limits let it stay.
struct Candidate {
    seq: i64,
    used: i64,
    bytes: u64,
}

impl Store {
    /// Deletes the rows that go and adds to `kept` what the remaining ones need.
    pub(super) fn drop_rows(
        &self,
        tx: &Transaction<'_>,
        policy: &PrunePolicy,
        kept: &mut Kept,
        pruned: &mut Pruned,
    ) -> Result<(), StoreError> {
        pruned.images = drop_images(tx, policy.images)?;
        // A torn row of another boot is of no use to anybody.
        let torn = "synced = 0 AND boot <> ?1";
        pruned.results += delete(tx, "results", torn, &self.options.boot_id)?;
        let needed = self.needs_of_images(tx, kept)?;
        // What an image needs may be whole all the same, and is read whole before it counts again.
        drop_torn_layers(tx, torn, &self.options.boot_id, &needed)?;
        let mut kept_bytes = 0_u64;
        pruned.results += self.drop_unused(tx, policy, ("results", results(tx)?), &mut kept_bytes)?;
        // Only now is known which layers no result needs any more.
        pruned.layers += self.drop_unused(tx, policy, ("layers", loose_layers(tx, &needed)?), &mut kept_bytes)?;
        drop_orphans(tx, &needed)?;
        needs_of_rows(tx, kept)
    }

    /// Deletes the rows of a table that the limits do not let stay, the longest unused ones first.
    fn drop_unused(
        &self,
        tx: &Transaction<'_>,
        policy: &PrunePolicy,
        (table, mut candidates): (&str, Vec<Candidate>),
        kept_bytes: &mut u64,
    ) -> Result<u64, StoreError> {
        candidates.sort_by_key(|row| (std::cmp::Reverse(row.used), row.seq));
        let mut statement = tx.prepare(&format!("DELETE FROM {table} WHERE seq = ?1"))?;
        let mut dropped = 0;
        for row in candidates {
            let sum = kept_bytes.saturating_add(row.bytes);
            if self.may_stay(policy, row.used, sum) {
                *kept_bytes = sum;
            } else {
                dropped += statement.execute([row.seq])? as u64;
            }
        }
        Ok(dropped)
    }

    fn may_stay(&self, policy: &PrunePolicy, used: i64, bytes: u64) -> bool {
        let young = policy.unused_for.is_none_or(|seconds| used >= self.now() - seconds);
        let small = policy.keep_bytes.is_none_or(|limit| bytes <= limit);
        (policy.unused_for.is_some() || policy.keep_bytes.is_some()) && young && small
    }

    /// Adds the blobs that images are made of and returns the diff_ids of their layers.
    fn needs_of_images(&self, tx: &Transaction<'_>, kept: &mut Kept) -> Result<BTreeSet<Digest>, StoreError> {
        let mut layers = BTreeSet::new();
        let mut statement = tx.prepare("SELECT config, json_extract(manifest, '$.digest'), source FROM images")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let config: Digest = row.get::<_, String>(0)?.parse()?;
            kept.blobs.insert(config);
            for column in [1, 2] {
                if let Some(text) = row.get::<_, Option<String>>(column)? {
                    self.keep_manifest(&text.parse()?, kept)?;
                }
            }
            let bytes = self.read_blob(&config)?.unwrap_or_default();
            // An unreadable config makes its image unusable; its layers are fetched again with it.
            if let Ok(config) = serde_json::from_slice::<ImageConfig>(&bytes) {
                layers.extend(config.rootfs.diff_ids);
            }
        }
        Ok(layers)
    }

    /// Keeps a manifest with its blobs, or an index with the manifests of it that are here.
    fn keep_manifest(&self, digest: &Digest, kept: &mut Kept) -> Result<(), StoreError> {
        let mut queue = vec![*digest];
        while let Some(digest) = queue.pop() {
            if !kept.blobs.insert(digest) {
                continue;
            }
            let Some(bytes) = self.read_blob(&digest)? else { continue };
            match Target::parse(&bytes, None) {
                Ok(Target::Manifest(manifest)) => {
                    kept.blobs.insert(manifest.config.digest);
                    kept.blobs.extend(manifest.layers.iter().map(|layer| layer.digest));
                }
                Ok(Target::Index(index)) => queue.extend(index.manifests.iter().map(|manifest| manifest.digest)),
                Err(_) => {}
            }
        }
        Ok(())
    }
}

fn drop_images(tx: &Transaction<'_>, scope: ImageScope) -> Result<u64, StoreError> {
    let dropped = match scope {
        ImageScope::Keep => 0,
        ImageScope::Unnamed => tx.execute("DELETE FROM images WHERE name IS NULL", [])?,
        ImageScope::All => tx.execute("DELETE FROM images", [])?,
    };
    Ok(dropped as u64)
}

fn delete(tx: &Transaction<'_>, table: &str, condition: &str, value: &str) -> Result<u64, StoreError> {
    Ok(tx.execute(&format!("DELETE FROM {table} WHERE {condition}"), [value])? as u64)
}

/// Returns all results.
fn results(tx: &Transaction<'_>) -> Result<Vec<Candidate>, StoreError> {
    let mut candidates = Vec::new();
    let mut statement = tx.prepare("SELECT seq, used, bytes FROM results")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        candidates.push(Candidate {
            seq: row.get(0)?,
            used: row.get(1)?,
            bytes: row.get::<_, i64>(2)?.cast_unsigned(),
        });
    }
    Ok(candidates)
}

/// Deletes the layers that a power cut may have torn and that no image needs.
fn drop_torn_layers(
    tx: &Transaction<'_>,
    torn: &str,
    boot_id: &str,
    needed: &BTreeSet<Digest>,
) -> Result<(), StoreError> {
    let mut statement = tx.prepare(&format!("SELECT diff_id FROM layers WHERE {torn}"))?;
    let found = statement.query_map([boot_id], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    for diff_id in found {
        if !diff_id.parse().is_ok_and(|diff_id: Digest| needed.contains(&diff_id)) {
            tx.execute("DELETE FROM layers WHERE diff_id = ?1", [diff_id])?;
        }
    }
    Ok(())
}

/// Returns the layers that neither an image nor a result needs.
fn loose_layers(tx: &Transaction<'_>, needed: &BTreeSet<Digest>) -> Result<Vec<Candidate>, StoreError> {
    let mut candidates = Vec::new();
    let mut statement = tx.prepare(
        "SELECT seq, used, size, diff_id FROM layers WHERE diff_id NOT IN
         (SELECT diff_id FROM results WHERE diff_id IS NOT NULL)",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !needed.contains(&row.get::<_, String>(3)?.parse()?) {
            let bytes = row.get::<_, i64>(2)?.cast_unsigned();
            candidates.push(Candidate { seq: row.get(0)?, used: row.get(1)?, bytes });
        }
    }
    Ok(candidates)
}

/// Deletes rows that only say something about rows that are gone.
fn drop_orphans(tx: &Transaction<'_>, needed: &BTreeSet<Digest>) -> Result<(), StoreError> {
    tx.execute_batch("CREATE TEMP TABLE IF NOT EXISTS needed (diff_id TEXT PRIMARY KEY); DELETE FROM needed")?;
    for digest in needed {
        tx.execute("INSERT OR IGNORE INTO needed VALUES (?1)", params![digest.to_string()])?;
    }
    tx.execute_batch(
        "INSERT OR IGNORE INTO needed SELECT diff_id FROM results WHERE diff_id IS NOT NULL;
         INSERT OR IGNORE INTO needed SELECT diff_id FROM layers;
         DELETE FROM layer_blobs WHERE diff_id NOT IN (SELECT diff_id FROM needed);
         DELETE FROM remotes WHERE digest NOT IN (SELECT digest FROM layer_blobs);
         DELETE FROM facts WHERE result NOT IN (SELECT id FROM results);
         DROP TABLE needed;",
    )?;
    Ok(())
}

/// Adds what the remaining rows name.
fn needs_of_rows(tx: &Transaction<'_>, kept: &mut Kept) -> Result<(), StoreError> {
    let mut deltas = tx.prepare(
        "SELECT delta FROM results WHERE delta IS NOT NULL UNION SELECT delta FROM layers WHERE delta IS NOT NULL",
    )?;
    let mut rows = deltas.query([])?;
    while let Some(row) = rows.next()? {
        kept.deltas.insert(DeltaId::new(&row.get::<_, String>(0)?)?);
    }
    let mut blobs = tx.prepare(
        "SELECT log FROM results WHERE log IS NOT NULL UNION SELECT digest FROM layer_blobs UNION SELECT blob FROM facts",
    )?;
    let mut rows = blobs.query([])?;
    while let Some(row) = rows.next()? {
        kept.blobs.insert(row.get::<_, String>(0)?.parse()?);
    }
    Ok(())
}
