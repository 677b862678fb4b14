//! Layers, by the digest of their uncompressed tar, in up to three forms: tree, local blobs, remote places.

use containr_oci::{Descriptor, Digest};
use rusqlite::{OptionalExtension as _, params};

use crate::{DeltaId, Store, StoreError};

/// A layer whose tree is there, or that has no content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerRow {
    /// The digest of the uncompressed tar.
    pub diff_id: Digest,
    /// The unpacked tree; nothing for a layer without content.
    pub delta: Option<DeltaId>,
    /// The size of the uncompressed tar in bytes.
    pub size: u64,
}

impl Store {
    /// Returns a layer; one whose delta is gone, or may be torn by a power cut, is not known.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn layer(&self, diff_id: &Digest) -> Result<Option<LayerRow>, StoreError> {
        // Without a delta there is nothing that could be torn.
        Ok(self.layer_row(diff_id)?.filter(|(row, trusted)| *trusted || row.delta.is_none()).map(|(row, _)| row))
    }

    /// Returns a layer whose delta is there but may be torn by a power cut: another boot wrote it and it was not synced.
    ///
    /// Whoever reads the whole delta and finds the `diff_id` in it may add it again.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn doubtful_layer(&self, diff_id: &Digest) -> Result<Option<LayerRow>, StoreError> {
        Ok(self.layer_row(diff_id)?.filter(|(row, trusted)| !trusted && row.delta.is_some()).map(|(row, _)| row))
    }

    /// Returns the row of a layer whose delta is not gone, and whether no power cut can have torn it.
    fn layer_row(&self, diff_id: &Digest) -> Result<Option<(LayerRow, bool)>, StoreError> {
        let connection = self.index.lock();
        let mut statement =
            connection.prepare_cached("SELECT delta, size, synced = 1 OR boot = ?2 FROM layers WHERE diff_id = ?1")?;
        let row = statement
            .query_row(params![diff_id.to_string(), self.options.boot_id], |row| {
                Ok((row.get::<_, Option<String>>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
            })
            .optional()?;
        let Some((delta, size, trusted)) = row else { return Ok(None) };
        let delta = delta.map(|name| DeltaId::new(&name)).transpose()?;
        if delta.as_ref().is_some_and(|delta| !self.has_delta(delta)) {
            return Ok(None);
        }
        Ok(Some((LayerRow { diff_id: *diff_id, delta, size: size.cast_unsigned() }, trusted)))
    }

    /// Remembers a layer; an older tree of it stays, and the returned row names it.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn add_layer(&self, row: &LayerRow) -> Result<LayerRow, StoreError> {
        if let Some(known) = self.layer(&row.diff_id)?.filter(|known| known.delta.is_some() || row.delta.is_none()) {
            return Ok(known);
        }
        self.index.write(|tx| {
            let digest = row.diff_id.to_string();
            let read = "SELECT delta FROM layers WHERE diff_id = ?1 AND (synced = 1 OR boot = ?2)";
            let older: Option<Option<String>> =
                tx.prepare_cached(read)?.query_row([&digest, &self.options.boot_id], |row| row.get(0)).optional()?;
            let older = older.flatten().map(|name| DeltaId::new(&name)).transpose()?;
            let delta = older.filter(|delta| self.has_delta(delta)).or_else(|| row.delta.clone());
            tx.prepare_cached(
                "INSERT OR REPLACE INTO layers (diff_id, delta, size, used, boot, synced) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
            )?
            .execute(params![
                digest,
                delta.as_ref().map(DeltaId::as_str),
                row.size.cast_signed(),
                self.now(),
                self.options.boot_id
            ])?;
            Ok(LayerRow { delta, ..row.clone() })
        })
    }

    /// Returns the blob of a layer that `codec` made (`gzip-6-v1`, `foreign`), when it is still here in its full size.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn layer_blob(&self, diff_id: &Digest, codec: &str) -> Result<Option<Descriptor>, StoreError> {
        for (name, descriptor) in self.layer_blobs(diff_id)? {
            if name == codec && self.has_blob(&descriptor.digest)? == Some(descriptor.size) {
                return Ok(Some(descriptor));
            }
        }
        Ok(None)
    }

    /// Returns all blobs that are known to be the layer with the codecs that made them, sorted; some may lie in registries only.
    ///
    /// Rows of another boot count too: what a power cut can tear is the blob, which is checked when it is read.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn layer_blobs(&self, diff_id: &Digest) -> Result<Vec<(String, Descriptor)>, StoreError> {
        let connection = self.index.lock();
        let mut statement = connection
            .prepare_cached("SELECT codec, descriptor FROM layer_blobs WHERE diff_id = ?1 ORDER BY codec, digest")?;
        let mut rows = statement.query([diff_id.to_string()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text: String = row.get(1)?;
            let descriptor: Descriptor =
                serde_json::from_str(&text).map_err(|error| StoreError::row("layer_blobs", error))?;
            found.push((row.get(0)?, descriptor));
        }
        Ok(found)
    }

    /// Remembers that `blob` is the layer as `codec` made it.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn add_layer_blob(&self, diff_id: &Digest, codec: &str, blob: &Descriptor) -> Result<(), StoreError> {
        let text = String::from_utf8(containr_oci::canonical(blob)).expect("JSON is UTF-8");
        self.index.write(|tx| {
            tx.prepare_cached(
                "INSERT OR REPLACE INTO layer_blobs (diff_id, codec, digest, descriptor, boot, synced)
                 VALUES (?1, ?2, ?3, ?4, ?5, 0)",
            )?
            .execute(params![
                diff_id.to_string(),
                codec,
                blob.digest.to_string(),
                text,
                self.options.boot_id
            ])?;
            Ok(())
        })
    }

    /// Remembers that a repository (`HOST/PATH`) has a blob, so that a push to its registry can mount it.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn add_remote(&self, blob: &Digest, repository: &str) -> Result<(), StoreError> {
        if self.remotes(blob)?.iter().any(|known| known == repository) {
            return Ok(());
        }
        self.index.write(|tx| {
            tx.prepare_cached("INSERT OR IGNORE INTO remotes VALUES (?1, ?2)")?
                .execute([blob.to_string().as_str(), repository])?;
            Ok(())
        })
    }

    /// Returns the repositories that are known to have a blob, sorted.
    ///
    /// # Errors
    /// Only when the index cannot be read.
    pub fn remotes(&self, blob: &Digest) -> Result<Vec<String>, StoreError> {
        let connection = self.index.lock();
        let mut statement =
            connection.prepare_cached("SELECT repository FROM remotes WHERE digest = ?1 ORDER BY repository")?;
        let rows = statement.query_map([blob.to_string()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets that a repository has a blob, after it said that it has not.
    ///
    /// # Errors
    /// Only when the index cannot be written.
    pub fn remove_remote(&self, blob: &Digest, repository: &str) -> Result<(), StoreError> {
        self.index.write(|tx| {
            tx.execute("DELETE FROM remotes WHERE digest = ?1 AND repository = ?2", [&*blob.to_string(), repository])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use containr_oci::media;

    use super::*;
    use crate::result::tests::row_with_delta;
    use crate::root::tests::store_at;

    #[test]
    fn the_first_tree_of_a_layer_stays_until_it_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let layer = |n: u8| LayerRow { diff_id: Digest::of(b"t"), delta: row_with_delta(&store, n, n).delta, size: 9 };
        let (first, second) = (layer(1), layer(2));
        assert_eq!(store.add_layer(&LayerRow { delta: None, ..first.clone() }).unwrap().delta, None);
        assert_eq!(store.add_layer(&first).unwrap(), first);
        assert_eq!(store.add_layer(&second).unwrap(), first);
        std::fs::remove_dir_all(store.deltas_dir().join(first.delta.as_ref().unwrap().as_str())).unwrap();
        assert_eq!(
            store.layer(&first.diff_id).unwrap(),
            None,
            "a layer whose tree is gone is no layer without content"
        );
        assert_eq!(store.add_layer(&second).unwrap(), second);
    }

    #[test]
    fn a_doubtful_tree_may_be_added_again() {
        let dir = tempfile::tempdir().unwrap();
        let before = store_at(dir.path(), "first");
        let layer = LayerRow { diff_id: Digest::of(b"t"), delta: row_with_delta(&before, 1, 1).delta, size: 9 };
        before.add_layer(&layer).unwrap();
        assert_eq!(before.doubtful_layer(&layer.diff_id).unwrap(), None);
        let store = store_at(dir.path(), "second");
        assert_eq!(store.layer(&layer.diff_id).unwrap(), None);
        assert_eq!(store.doubtful_layer(&layer.diff_id).unwrap().as_ref(), Some(&layer));
        assert_eq!(store.add_layer(&layer).unwrap(), layer);
        assert_eq!(store.layer(&layer.diff_id).unwrap(), Some(layer));
    }

    #[test]
    fn a_cut_off_blob_is_no_form_of_the_layer() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let diff_id = Digest::of(b"tar");
        let descriptor = Descriptor::of(media::LAYER_GZIP, b"compressed");
        store.add_layer_blob(&diff_id, "gzip-6-v1", &descriptor).unwrap();
        assert_eq!(store.layer_blob(&diff_id, "gzip-6-v1").unwrap(), None);
        store.put_blob(b"compressed").unwrap();
        assert_eq!(store.layer_blob(&diff_id, "gzip-6-v1").unwrap(), Some(descriptor.clone()));
        assert_eq!(store.layer_blob(&diff_id, "zstd-3-v1").unwrap(), None);
        std::fs::write(store.layout.blob(&descriptor.digest), "").unwrap();
        assert_eq!(store.layer_blob(&diff_id, "gzip-6-v1").unwrap(), None);
    }

    #[test]
    fn a_blob_that_only_a_registry_has_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let diff_id = Digest::of(b"tar");
        let descriptor = Descriptor::of(media::LAYER_GZIP, b"compressed");
        store.add_layer_blob(&diff_id, "foreign", &descriptor).unwrap();
        assert_eq!(store.layer_blobs(&diff_id).unwrap(), [("foreign".to_owned(), descriptor)]);
    }

    #[test]
    fn remotes_are_remembered_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let blob = Digest::of(b"x");
        for name in ["b.example/two", "a.example/one", "b.example/two"] {
            store.add_remote(&blob, name).unwrap();
        }
        store.remove_remote(&blob, "b.example/three").unwrap();
        assert_eq!(store.remotes(&blob).unwrap(), ["a.example/one", "b.example/two"]);
        store.remove_remote(&blob, "a.example/one").unwrap();
        assert_eq!(store.remotes(&blob).unwrap(), ["b.example/two"]);
    }
}
