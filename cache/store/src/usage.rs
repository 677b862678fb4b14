//! How much the store holds, measured on disk.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::{Store, StoreError};

/// A number of things and the bytes that they take on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub count: u64,
    /// Their blocks on disk in bytes; a file with several names counts once.
    pub bytes: u64,
}

/// What a store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Rows of images.
    pub images: u64,
    /// Rows of results.
    pub results: u64,
    /// Rows of layers.
    pub layers: u64,
    /// Blobs.
    pub blobs: Amount,
    /// Committed deltas.
    pub deltas: Amount,
    /// Trees and blobs under construction.
    pub work: Amount,
    /// Digest caches of contexts.
    pub contexts: Amount,
    /// What `RUN --mount=type=cache` keeps.
    pub caches: Amount,
    /// What waits to be deleted.
    pub trash: Amount,
}

impl Store {
    /// Measures the store.
    ///
    /// # Errors
    /// Only when the index or a directory of the store cannot be read.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let count = |table: &str| -> Result<u64, StoreError> {
            let text = format!("SELECT count(*) FROM {table}");
            Ok(self.index.lock().query_row(&text, [], |row| row.get::<_, i64>(0))?.cast_unsigned())
        };
        let mut usage = Usage {
            images: count("images")?,
            results: count("results")?,
            layers: count("layers")?,
            ..Usage::default()
        };
        let mut seen = HashSet::new();
        for directory in list(&self.layout.blobs())? {
            measure(&directory, &mut usage.blobs, &mut seen)?;
        }
        measure(&self.layout.deltas(), &mut usage.deltas, &mut seen)?;
        measure(&self.layout.work(), &mut usage.work, &mut seen)?;
        measure(&self.layout.ingest(), &mut usage.work, &mut seen)?;
        measure(&self.layout.contexts(), &mut usage.contexts, &mut seen)?;
        if self.layout.caches().exists() {
            measure(&self.layout.caches(), &mut usage.caches, &mut seen)?;
        }
        measure(&self.layout.trash(), &mut usage.trash, &mut seen)?;
        Ok(usage)
    }
}

/// Adds the entries of a directory, each with all that is below it.
fn measure(directory: &Path, amount: &mut Amount, seen: &mut HashSet<(u64, u64)>) -> Result<(), StoreError> {
    for path in list(directory)? {
        amount.count += 1;
        let mut stack = vec![path];
        while let Some(path) = stack.pop() {
            // What vanishes meanwhile takes no room; what cannot be entered belongs to other ids and is left out.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() {
                stack.extend(list(&path).unwrap_or_default());
            }
            if metadata.is_dir() || metadata.nlink() == 1 || seen.insert((metadata.dev(), metadata.ino())) {
                amount.bytes += metadata.blocks() * 512;
            }
        }
    }
    Ok(())
}

/// Returns the entries of a directory, sorted.
pub(crate) fn list(directory: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(directory).map_err(StoreError::io("read", directory))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(StoreError::io("read", directory))?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::tests::row_with_delta;
    use crate::root::tests::store_at;

    #[test]
    fn files_with_two_names_count_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let row = row_with_delta(&store, 1, 1);
        store.record(&row).unwrap();
        let tree = store.deltas_dir().join(row.delta.unwrap().as_str()).join("fs");
        let before = store.usage().unwrap();
        fs::write(tree.join("a"), [1; 100_000]).unwrap();
        fs::hard_link(tree.join("a"), tree.join("b")).unwrap();
        store.put_blob(b"x").unwrap();
        let after = store.usage().unwrap();
        assert_eq!((after.results, after.blobs.count, after.deltas.count), (1, 1, 1));
        assert!((100_000..200_000).contains(&(after.deltas.bytes - before.deltas.bytes)));
    }
}
