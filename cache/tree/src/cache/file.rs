//! The cache's file: a header with a checksum, a table of offsets, and records sorted by path.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use containr_sys::map::MappedFile;

use crate::path::order;
use crate::{Stat, TreePath};

/// The first bytes of the file; the digit is the version of the format.
const MAGIC: &[u8; 8] = b"ctrdigc1";

/// Magic, number of records, checksum of all that follows.
const HEADER: usize = 8 + 8 + 32;

/// Seven numbers, the digest, and the age in saves.
const RECORD: usize = 52 + 32 + 1;

/// Saves after which a record that nobody asked for is dropped: other targets of a build ask for other files.
const OLDEST: u8 = 16;

/// The numbers that must stay the same, and the digest that holds then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record([u8; RECORD]);

impl Record {
    pub(super) fn new(stat: &Stat, digest: [u8; 32]) -> Self {
        let mut bytes = [0; RECORD];
        bytes[..52].copy_from_slice(&numbers(stat));
        bytes[52..84].copy_from_slice(&digest);
        Self(bytes)
    }

    /// Returns the digest when the numbers are those of `stat`.
    pub(super) fn digest_for(&self, stat: &Stat) -> Option<[u8; 32]> {
        (self.0[..52] == numbers(stat)).then(|| self.0[52..84].try_into().expect("32 bytes"))
    }

    /// Returns the record one save older, or nothing when it is too old.
    fn aged(mut self) -> Option<Self> {
        self.0[84] = self.0[84].saturating_add(1);
        (self.0[84] <= OLDEST).then_some(self)
    }
}

fn numbers(stat: &Stat) -> [u8; 52] {
    let mut bytes = [0; 52];
    let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
    put(0, &stat.dev.to_le_bytes());
    put(8, &stat.ino.to_le_bytes());
    put(16, &stat.size.to_le_bytes());
    put(24, &stat.mtime_s.to_le_bytes());
    put(32, &stat.mtime_ns.to_le_bytes());
    put(36, &stat.ctime_s.to_le_bytes());
    put(44, &stat.ctime_ns.to_le_bytes());
    // The last four bytes are spare.
    bytes
}

/// What a file of an earlier run remembers.
#[derive(Debug)]
pub(super) struct Remembered {
    map: Option<MappedFile>,
    count: usize,
}

impl Remembered {
    /// Maps the file; anything but a whole one of this version is empty.
    pub(super) fn open(path: &Path) -> Self {
        // The file appears by rename and is never written again, which makes mapping it safe.
        let map = File::open(path).ok().and_then(|file| MappedFile::open(&file).ok());
        match map.as_ref().and_then(|map| check(map)) {
            Some(count) => Self { map, count },
            None => Self { map: None, count: 0 },
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Returns the place of a path, looking at `guess` first: sorted questions meet sorted answers.
    pub(super) fn find(&self, path: &TreePath, guess: usize) -> Option<usize> {
        if guess < self.count && self.path(guess) == path.bytes() {
            return Some(guess);
        }
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            match order(self.path(middle), path.bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    pub(super) fn record(&self, index: usize) -> Record {
        let start = self.start(index);
        Record(self.bytes()[start..start + RECORD].try_into().expect("the length of a record"))
    }

    fn path(&self, index: usize) -> &[u8] {
        let end = if index + 1 < self.count { self.start(index + 1) } else { self.bytes().len() };
        &self.bytes()[self.start(index) + RECORD..end]
    }

    fn start(&self, index: usize) -> usize {
        let at = HEADER + index * 4;
        u32::from_le_bytes(self.bytes()[at..at + 4].try_into().expect("four bytes")) as usize
    }

    fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}

/// Returns the number of records of a whole file: a torn one could give a wrong digest.
fn check(bytes: &[u8]) -> Option<usize> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let count = usize::try_from(u64::from_le_bytes(header[8..16].try_into().ok()?)).ok()?;
    let whole = header[..8] == *MAGIC && *blake3::hash(rest).as_bytes() == header[16..48];
    if !whole {
        return None;
    }
    let mut last = HEADER.checked_add(count.checked_mul(4)?)?;
    let table = bytes.get(HEADER..last)?;
    for offset in table.chunks_exact(4) {
        let start = u32::from_le_bytes(offset.try_into().ok()?) as usize;
        if start < last || start.checked_add(RECORD)? > bytes.len() {
            return None;
        }
        last = start + RECORD;
    }
    Some(count)
}

/// Writes the records that stay and the fresh ones to a file beside `path` and renames it.
pub(super) fn write(
    path: &Path,
    old: &Remembered,
    asked: &[bool],
    fresh: &HashMap<TreePath, Record>,
) -> io::Result<()> {
    let mut fresh: Vec<(&[u8], Record)> = fresh.iter().map(|(path, record)| (path.bytes(), *record)).collect();
    fresh.sort_unstable_by(|a, b| order(a.0, b.0));
    let kept = (0..old.len()).filter_map(|index| {
        let record = old.record(index);
        let mut young = record;
        young.0[84] = 0;
        let stays = if asked[index] { Some(young) } else { record.aged() };
        stays.map(|record| (old.path(index), record))
    });
    let records = merge(kept.collect(), fresh);
    let bytes = encode(&records)?;
    let beside = path.with_extension(format!("new-{}", rustix::process::getpid().as_raw_nonzero()));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    let written = file.write_all(&bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The error that counts is the first; what is left is written over by the next save.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Joins two sorted lists; of two records for one path the fresh one stays.
fn merge<'a>(old: Vec<(&'a [u8], Record)>, fresh: Vec<(&'a [u8], Record)>) -> Vec<(&'a [u8], Record)> {
    let mut merged = Vec::with_capacity(old.len() + fresh.len());
    let mut old = old.into_iter().peekable();
    for record in fresh {
        while let Some(older) = old.next_if(|older| order(older.0, record.0).is_lt()) {
            merged.push(older);
        }
        let _ = old.next_if(|older| older.0 == record.0);
        merged.push(record);
    }
    merged.extend(old);
    merged
}

fn encode(records: &[(&[u8], Record)]) -> io::Result<Vec<u8>> {
    let table = HEADER + records.len() * 4;
    let length = table + records.iter().map(|(path, _)| RECORD + path.len()).sum::<usize>();
    let mut bytes = vec![0; table];
    bytes.reserve_exact(length - table);
    for (index, (path, record)) in records.iter().enumerate() {
        let start = u32::try_from(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        bytes[HEADER + index * 4..][..4].copy_from_slice(&start.to_le_bytes());
        bytes.extend_from_slice(&record.0);
        bytes.extend_from_slice(path);
    }
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&(records.len() as u64).to_le_bytes());
    let checksum = *blake3::hash(&bytes[HEADER..]).as_bytes();
    bytes[16..48].copy_from_slice(&checksum);
    Ok(bytes)
}
