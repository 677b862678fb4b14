//! Where things lie below the root; each directory's name carries the version of its format.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use containr_oci::Digest;

use crate::StoreError;

/// The file that marks a directory as a store, and what it says.
const MARKER: &str = "containr-store";
const FORMAT: &str = "containr store 1\n";

/// The directories that a store has from the start.
const DIRECTORIES: [&str; 8] =
    ["blobs/sha256", "ingest", "deltas-1", "work-1", "contexts-1", "leases", "keys", "trash"];

/// The paths of one store.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Makes what is missing below `root` (all 0700) and refuses what is no store of this format.
    pub(crate) fn open(root: &Path) -> Result<Self, StoreError> {
        let layout = Self { root: root.to_owned() };
        let marker = root.join(MARKER);
        match fs::read_to_string(&marker) {
            Ok(text) if text == FORMAT => Ok(layout),
            // Whoever made the file has not written it yet, or died before.
            Ok(text) if text.is_empty() => layout.make().map(|()| layout),
            Ok(text) => Err(StoreError::Version {
                path: root.to_owned(),
                found: text.trim().to_owned(),
                expected: FORMAT.trim().to_owned(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                layout.claim(&marker)?;
                layout.make().map(|()| layout)
            }
            Err(error) => Err(StoreError::io("read", &marker)(error)),
        }
    }

    /// Puts an empty marker into an empty or new root.
    fn claim(&self, marker: &Path) -> Result<(), StoreError> {
        make_directory(&self.root)?;
        let entries = fs::read_dir(&self.root).map_err(StoreError::io("read", &self.root))?;
        // A new file system of its own has this directory from the start.
        let foreign = entries.flatten().any(|entry| entry.file_name() != "lost+found");
        if foreign && !marker.exists() {
            return Err(StoreError::Foreign(self.root.clone()));
        }
        fs::File::create(marker).map_err(StoreError::io("create", marker))?;
        Ok(())
    }

    /// Makes the directories, then says in the marker that they are there; two processes may do so at once.
    fn make(&self) -> Result<(), StoreError> {
        for name in DIRECTORIES {
            make_directory(&self.root.join(name))?;
        }
        let marker = self.root.join(MARKER);
        fs::write(&marker, FORMAT).map_err(StoreError::io("write", &marker))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.root.join("index-1.sqlite")
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(crate) fn blob(&self, digest: &Digest) -> PathBuf {
        self.root.join("blobs").join(digest.algorithm().name()).join(digest.hex())
    }

    pub(crate) fn ingest(&self) -> PathBuf {
        self.root.join("ingest")
    }

    pub(crate) fn deltas(&self) -> PathBuf {
        self.root.join("deltas-1")
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.root.join("work-1")
    }

    pub(crate) fn contexts(&self) -> PathBuf {
        self.root.join("contexts-1")
    }

    pub(crate) fn caches(&self) -> PathBuf {
        self.root.join("caches-1")
    }

    pub(crate) fn leases(&self) -> PathBuf {
        self.root.join("leases")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    pub(crate) fn trash(&self) -> PathBuf {
        self.root.join("trash")
    }

    pub(crate) fn collector_lock(&self) -> PathBuf {
        self.root.join("gc.lock")
    }
}

/// Makes a directory and its parents for the owner alone; one that exists stays as it is.
pub(crate) fn make_directory(path: &Path) -> Result<(), StoreError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StoreError::io("create", path))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_directory_with_other_things_is_not_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.txt"), "").unwrap();
        assert!(matches!(Layout::open(dir.path()), Err(StoreError::Foreign(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_root_of_a_new_file_system_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("lost+found")).unwrap();
        Layout::open(dir.path()).unwrap();
    }

    #[test]
    fn another_format_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MARKER), "containr store 9\n").unwrap();
        let error = Layout::open(dir.path()).unwrap_err();
        assert!(matches!(error, StoreError::Version { found, .. } if found == "containr store 9"));
    }

    #[test]
    fn a_death_while_making_it_is_made_good() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(MARKER), "").unwrap();
        fs::create_dir(dir.path().join("trash")).unwrap();
        let layout = Layout::open(dir.path()).unwrap();
        assert!(layout.deltas().is_dir());
    }

    #[test]
    fn directories_are_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let layout = Layout::open(&dir.path().join("a/b")).unwrap();
        for path in [layout.root().to_owned(), layout.deltas(), layout.blobs()] {
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700, "{}", path.display());
        }
    }
}
