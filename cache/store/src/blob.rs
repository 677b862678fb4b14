//! Blobs: files named by their digest, readable as the blobs of an OCI layout.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use containr_oci::{Algorithm, Digest, Hasher};

use crate::layout::make_directory;
use crate::lock::FileLock;
use crate::root::lock;
use crate::{DeltaId, Store, StoreError};

/// A blob that was found to have other bytes than its name says; it has been moved away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The digest it was kept under.
    pub expected: Digest,
    /// The digest of what was there.
    pub actual: Digest,
}

/// A blob on its way in: bytes are written and hashed, and appear under their digest at the commit.
///
/// Dropping it removes what was written.
#[derive(Debug)]
pub struct Ingest {
    file: FileLock,
    path: PathBuf,
    blobs: PathBuf,
    algorithm: Algorithm,
    hasher: Hasher,
    written: u64,
    /// Where the digest is noted at the commit.
    own: Arc<Mutex<BTreeSet<Digest>>>,
}

impl Store {
    /// Returns the size of a blob in bytes when it is there.
    ///
    /// # Errors
    /// Only when the store cannot be read.
    pub fn has_blob(&self, digest: &Digest) -> Result<Option<u64>, StoreError> {
        let path = self.layout.blob(digest);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }

    /// Opens a blob for reading without checking its bytes: for readers that check them on the way.
    ///
    /// # Errors
    /// Only when the store cannot be read.
    pub fn open_blob(&self, digest: &Digest) -> Result<Option<File>, StoreError> {
        let path = self.layout.blob(digest);
        match File::open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("open", &path)(error)),
        }
    }

    /// Opens a blob after reading all of it once; a damaged one is moved away, noted as [`Damage`] and a miss.
    ///
    /// # Errors
    /// Only when the store cannot be read.
    pub fn open_verified(&self, digest: &Digest) -> Result<Option<File>, StoreError> {
        let Some(mut file) = self.open_blob(digest)? else { return Ok(None) };
        let path = self.layout.blob(digest);
        let mut hasher = Hasher::new(digest.algorithm());
        let mut block = vec![0; 256 * 1024];
        loop {
            match file.read(&mut block).map_err(StoreError::io("read", &path))? {
                0 => break,
                length => hasher.update(&block[..length]),
            }
        }
        if !self.accept(digest, &hasher.finish())? {
            return Ok(None);
        }
        file.rewind().map_err(StoreError::io("read", &path))?;
        Ok(Some(file))
    }

    /// Reads a small blob; a damaged one is moved away, noted as [`Damage`] and a miss.
    ///
    /// # Errors
    /// Only when the store cannot be read.
    pub fn read_blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(mut file) = self.open_blob(digest)? else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(StoreError::io("read", &self.layout.blob(digest)))?;
        let mut hasher = Hasher::new(digest.algorithm());
        hasher.update(&bytes);
        Ok(self.accept(digest, &hasher.finish())?.then_some(bytes))
    }

    /// Returns whether this process has written the blob: it was checked then and needs no check when it is read again.
    pub fn has_written(&self, digest: &Digest) -> bool {
        lock(&self.own).contains(digest)
    }

    /// Returns what was found damaged since the last call, for telling the user.
    pub fn take_damages(&self) -> Vec<Damage> {
        std::mem::take(&mut lock(&self.damages))
    }

    /// Moves a blob away that somebody who read it found to have the bytes of `actual`, and notes it as [`Damage`].
    ///
    /// # Errors
    /// Only when it cannot be moved.
    pub fn discard_damaged(&self, expected: &Digest, actual: &Digest) -> Result<(), StoreError> {
        let path = self.layout.blob(expected);
        let name = DeltaId::random().map_err(StoreError::io("name", &path))?;
        match fs::rename(&path, self.layout.trash().join(name.as_str())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("move", &path)(error)),
            _ => {
                lock(&self.damages).push(Damage { expected: *expected, actual: *actual });
                Ok(())
            }
        }
    }

    /// Starts a blob that will be named by its SHA-256 digest.
    ///
    /// # Errors
    /// Only when the file cannot be made.
    pub fn ingest(&self) -> Result<Ingest, StoreError> {
        self.ingest_as(Algorithm::Sha256)
    }

    /// Starts a blob that will be named by its digest of the given algorithm.
    ///
    /// # Errors
    /// Only when the file cannot be made.
    pub fn ingest_as(&self, algorithm: Algorithm) -> Result<Ingest, StoreError> {
        let directory = self.layout.ingest();
        let name = DeltaId::random().map_err(StoreError::io("name", &directory))?;
        let path = directory.join(name.as_str());
        // The lock tells a collector that somebody is still writing.
        let file = FileLock::create(&path)?;
        let blobs = self.layout.blobs();
        let own = Arc::clone(&self.own);
        Ok(Ingest { file, path, blobs, algorithm, hasher: Hasher::new(algorithm), written: 0, own })
    }

    /// Keeps `bytes` as a blob and returns their digest; what is there already is not written again.
    ///
    /// # Errors
    /// Only when the store cannot be written.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        if self.read_blob(&digest)?.is_some() {
            return Ok(digest);
        }
        let mut ingest = self.ingest()?;
        ingest.write_all(bytes).map_err(StoreError::io("write", &ingest.path))?;
        Ok(ingest.commit(Some(&digest))?.0)
    }

    /// Returns whether the bytes are those that were promised; moves the blob away when not.
    fn accept(&self, expected: &Digest, actual: &Digest) -> Result<bool, StoreError> {
        if expected == actual {
            return Ok(true);
        }
        self.discard_damaged(expected, actual)?;
        Ok(false)
    }
}

impl Ingest {
    /// Returns the number of bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Throws away what was written, to begin again.
    ///
    /// # Errors
    /// Only when the file cannot be cut.
    pub fn restart(&mut self) -> Result<(), StoreError> {
        let mut file = self.file.file();
        file.set_len(0).and_then(|()| file.rewind()).map_err(StoreError::io("write", &self.path))?;
        self.hasher = Hasher::new(self.algorithm);
        self.written = 0;
        Ok(())
    }

    /// Gives the blob its name and returns digest and size in bytes.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when `expected` is not what was written; then nothing stays.
    pub fn commit(mut self, expected: Option<&Digest>) -> Result<(Digest, u64), StoreError> {
        let actual = std::mem::replace(&mut self.hasher, Hasher::new(self.algorithm)).finish();
        if let Some(expected) = expected.filter(|expected| **expected != actual) {
            return Err(StoreError::Corrupt { expected: Box::new(*expected), actual: Box::new(actual) });
        }
        let directory = self.blobs.join(self.algorithm.name());
        let target = directory.join(actual.hex());
        if let Err(error) = fs::rename(&self.path, &target) {
            // Only sha256 has its directory from the start.
            if error.kind() != io::ErrorKind::NotFound || directory.exists() {
                return Err(StoreError::io("rename", &target)(error));
            }
            make_directory(&directory)?;
            fs::rename(&self.path, &target).map_err(StoreError::io("rename", &target))?;
        }
        self.path = PathBuf::new();
        lock(&self.own).insert(actual);
        Ok((actual, self.written))
    }
}

impl Write for Ingest {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let length = self.file.file().write(data)?;
        self.hasher.update(&data[..length]);
        self.written += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        if self.path != Path::new("") {
            // What cannot be removed now has lost its lock and is collected later.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::tests::store_at;

    fn count(path: &Path) -> usize {
        fs::read_dir(path).unwrap().count()
    }

    #[test]
    fn nothing_is_visible_before_the_commit() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let mut ingest = store.ingest().unwrap();
        ingest.write_all(b"hello").unwrap();
        let digest = Digest::of(b"hello");
        assert_eq!(store.has_blob(&digest).unwrap(), None);
        assert!(!store.has_written(&digest));
        assert_eq!(ingest.commit(Some(&digest)).unwrap(), (digest, 5));
        assert!(store.has_written(&digest) && !store_at(dir.path(), "b").has_written(&digest));
        assert_eq!(store.read_blob(&digest).unwrap().as_deref(), Some(&b"hello"[..]));
        assert_eq!(count(&store.layout.ingest()), 0);
    }

    #[test]
    fn other_bytes_than_promised_are_refused_and_gone() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let mut ingest = store.ingest().unwrap();
        ingest.write_all(b"evil").unwrap();
        let error = ingest.commit(Some(&Digest::of(b"good"))).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt { actual, .. } if *actual == Digest::of(b"evil")));
        assert_eq!(count(&store.layout.ingest()) + count(&store.layout.blobs().join("sha256")), 0);
    }

    #[test]
    fn a_restart_forgets_the_first_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let mut ingest = store.ingest().unwrap();
        ingest.write_all(b"half of somethi").unwrap();
        ingest.restart().unwrap();
        ingest.write_all(b"whole").unwrap();
        let (digest, size) = ingest.commit(None).unwrap();
        assert_eq!((digest, size), (Digest::of(b"whole"), 5));
        assert!(store.open_verified(&digest).unwrap().is_some());
    }

    #[test]
    fn a_damaged_blob_is_a_miss_and_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        for verified in [false, true] {
            let digest = store.put_blob(b"text").unwrap();
            fs::write(store.layout.blob(&digest), b"tex").unwrap();
            let missed = if verified {
                store.open_verified(&digest).unwrap().is_none()
            } else {
                store.read_blob(&digest).unwrap().is_none()
            };
            assert!(missed);
            assert_eq!(store.take_damages(), [Damage { expected: digest, actual: Digest::of(b"tex") }]);
            assert_eq!(store.has_blob(&digest).unwrap(), None);
        }
        assert_eq!(count(&store.layout.trash()), 2);
    }

    #[test]
    fn putting_again_heals_a_damaged_blob() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let digest = store.put_blob(b"text").unwrap();
        fs::write(store.layout.blob(&digest), b"").unwrap();
        store.put_blob(b"text").unwrap();
        assert_eq!(store.read_blob(&digest).unwrap().as_deref(), Some(&b"text"[..]));
    }

    #[test]
    fn sha512_has_its_own_directory() {
        let dir = tempfile::tempdir().unwrap();
        let store = store_at(dir.path(), "b");
        let mut ingest = store.ingest_as(Algorithm::Sha512).unwrap();
        ingest.write_all(b"x").unwrap();
        let (digest, _) = ingest.commit(None).unwrap();
        assert_eq!(digest.algorithm(), Algorithm::Sha512);
        assert_eq!(store.read_blob(&digest).unwrap().as_deref(), Some(&b"x"[..]));
    }
}
