//! The digest cache of one context: an unchanged file costs its stat alone.

mod file;

use std::collections::HashMap;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use containr_progress::Cancel;

use crate::hash::{Block, digest_seen};
use crate::trust::{is_local, lasts};
use crate::{Found, Moment, Stat, TreeError, TreePath};
use file::{Record, Remembered};

/// Files per thread from which on another thread is worth its start.
const WORTH_A_THREAD: usize = 16;

/// Digests by path and numbers (device, inode, size, mtime, ctime), in one file that appears whole.
///
/// A damaged or missing file is an empty cache. Whatever cannot be trusted later is hashed and not remembered.
#[derive(Debug)]
pub struct DigestCache {
    path: PathBuf,
    now: Moment,
    remembered: Remembered,
    /// Which remembered records were asked for.
    asked: Vec<bool>,
    /// New records; they win over the remembered ones.
    fresh: HashMap<TreePath, Record>,
}

impl DigestCache {
    /// Opens the cache in the file at `path`; `now` is the time before the walk that the files come from.
    pub fn open(path: &Path, now: Moment) -> Self {
        let remembered = Remembered::open(path);
        let asked = vec![false; remembered.len()];
        Self { path: path.to_owned(), now, remembered, asked, fresh: HashMap::new() }
    }

    /// Returns the SHA-256 of each file, in the order in which they are given; sorted ones are found fastest.
    ///
    /// # Errors
    /// [`TreeError::Changed`] for a file that is not any more what the walk saw, or the first that cannot be read.
    pub fn digests(
        &mut self,
        root: BorrowedFd<'_>,
        files: &[&Found],
        cancel: &Cancel,
    ) -> Result<Vec<[u8; 32]>, TreeError> {
        let mut digests = vec![[0; 32]; files.len()];
        let mut misses = Vec::new();
        let mut guess = 0;
        for (index, file) in files.iter().enumerate() {
            match self.known(file, &mut guess) {
                Some(digest) => digests[index] = digest,
                None => misses.push(index),
            }
        }
        let missed: Vec<&Found> = misses.iter().map(|index| files[*index]).collect();
        for (index, (digest, remember)) in misses.into_iter().zip(hash_all(root, &missed, self.now, cancel)?) {
            digests[index] = digest;
            if remember {
                self.fresh.insert(files[index].path.clone(), Record::new(&files[index].stat, digest));
            }
        }
        Ok(digests)
    }

    /// Writes the cache when something new is to be remembered: beside it and renamed.
    ///
    /// # Errors
    /// Only when the file cannot be written; nothing is lost then but time.
    pub fn save(&self) -> Result<(), TreeError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let failed = |source| TreeError::Cache { path: self.path.clone(), source };
        file::write(&self.path, &self.remembered, &self.asked, &self.fresh).map_err(failed)
    }

    /// Returns the remembered digest of a file with these numbers.
    fn known(&mut self, file: &Found, guess: &mut usize) -> Option<[u8; 32]> {
        if let Some(record) = self.fresh.get(&file.path).filter(|_| !self.fresh.is_empty()) {
            return record.digest_for(&file.stat);
        }
        let index = self.remembered.find(&file.path, *guess)?;
        *guess = index + 1;
        let digest = self.remembered.record(index).digest_for(&file.stat);
        self.asked[index] = digest.is_some();
        digest
    }
}

/// A digest, and whether it may be remembered.
type Hashed = ([u8; 32], bool);

/// Hashes files on as many threads as there are cores and returns the results in order.
fn hash_all(root: BorrowedFd<'_>, files: &[&Found], now: Moment, cancel: &Cancel) -> Result<Vec<Hashed>, TreeError> {
    let big = files.iter().any(|file| file.stat.size > 1 << 20);
    let wanted = if big { files.len() } else { files.len().div_ceil(WORTH_A_THREAD) };
    // Asking for the number of cores reads files of the cgroups.
    let cores = if wanted > 1 { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 };
    let next = AtomicUsize::new(0);
    let work = || hash_some(root, files, &next, now, cancel);
    let mut parts = std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..wanted.min(cores)).map(|_| scope.spawn(work)).collect();
        let mut parts = vec![work()];
        parts.extend(helpers.into_iter().map(|helper| helper.join().expect("hashing does not panic")));
        parts
    });
    // The error for the first file by order, whichever thread met it.
    parts.sort_by_key(|part| part.as_ref().err().map_or(usize::MAX, |(index, _)| *index));
    let mut hashed = vec![([0; 32], false); files.len()];
    for part in parts {
        for (index, result) in part.map_err(|(_, error)| error)? {
            hashed[index] = result;
        }
    }
    Ok(hashed)
}

/// Hashes the next file that nobody has taken until none is left.
fn hash_some(
    root: BorrowedFd<'_>,
    files: &[&Found],
    next: &AtomicUsize,
    now: Moment,
    cancel: &Cancel,
) -> Result<Vec<(usize, Hashed)>, (usize, TreeError)> {
    let (mut block, mut local) = (Block::new(), Devices::default());
    let mut hashed = Vec::new();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(file) = files.get(index) else { return Ok(hashed) };
        cancel.check().map_err(|cancelled| (index, cancelled.into()))?;
        let (digest, writers, open) =
            digest_seen(root, &file.path, &file.stat, &mut block).map_err(|error| (index, error))?;
        let remember = lasts(&file.stat, now, writers) && local.is_local(&file.stat, &open);
        hashed.push((index, (digest, remember)));
    }
}

/// Which devices hold local file systems; a context has few.
#[derive(Default)]
struct Devices(Vec<(u64, bool)>);

impl Devices {
    fn is_local(&mut self, stat: &Stat, file: &std::fs::File) -> bool {
        if let Some((_, known)) = self.0.iter().find(|(device, _)| *device == stat.dev) {
            return *known;
        }
        let local = is_local(file);
        self.0.push((stat.dev, local));
        local
    }
}

#[cfg(test)]
mod tests;
