//! Listings: what a delta holds, sorted, with the digest of each file, as one file beside the delta.

use std::io::{self, Write};

use containr_oci::{Digest, Hasher};

use crate::entry::Xattr;
use crate::{Entry, Kind, TreePath};

/// The first bytes of a listing file; the digit is the version of the format.
const MAGIC: &[u8; 8] = b"ctrlist1";

/// The entries of one delta (or one whole tree), in the order of [`TreePath`], each path once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    entries: Vec<Entry>,
}

/// Whether modification times are part of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// They are not: the same content made at another time is the same result.
    Ignored,
    /// They are: `--reproducible` has clamped them, so they are data.
    Keyed,
}

/// Why a listing is not usable.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// The bytes are no listing of this version; the text says where it broke.
    #[error("listing is damaged at byte {0}")]
    Damaged(usize),
    /// Entries are not in order or a path occurs twice.
    #[error("listing has {0} out of order or twice")]
    Order(TreePath),
    /// The file cannot be read or written.
    #[error("cannot read or write the listing")]
    Io(#[from] io::Error),
}

impl Listing {
    /// Sorts `entries` and takes them over.
    ///
    /// # Errors
    /// A path that occurs twice is refused.
    pub fn from_unsorted(mut entries: Vec<Entry>) -> Result<Self, ListingError> {
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Self::from_sorted(entries)
    }

    /// Takes over entries that are in order already.
    ///
    /// # Errors
    /// A path out of order or twice is refused.
    pub fn from_sorted(entries: Vec<Entry>) -> Result<Self, ListingError> {
        match entries.windows(2).find(|pair| pair[0].path >= pair[1].path) {
            Some(pair) => Err(ListingError::Order(pair[1].path.clone())),
            None => Ok(Self { entries }),
        }
    }

    /// Returns the entries in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries for filling in digests; paths and kinds must stay as they are.
    pub fn entries_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }

    /// Returns whether the delta changes nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the entry at `path`.
    pub fn get(&self, path: &TreePath) -> Option<&Entry> {
        let index = self.entries.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        Some(&self.entries[index])
    }

    /// Returns the entries at and below `path`, in order.
    pub fn under(&self, path: &TreePath) -> &[Entry] {
        let start = self.entries.partition_point(|entry| entry.path < *path);
        let rest = &self.entries[start..];
        // Depth-first order keeps a subtree together.
        &rest[..rest.partition_point(|entry| entry.path.below(path).is_some())]
    }

    /// Returns the sum of the sizes of all files in bytes.
    pub fn content_bytes(&self) -> u64 {
        self.entries.iter().map(|e| if let Kind::File { size, .. } = e.kind { size } else { 0 }).sum()
    }

    /// Returns the identity of the content: a digest over all fields but (by default) times.
    ///
    /// # Panics
    /// Every file must have its digest by now.
    pub fn digest(&self, times: Times) -> Digest {
        let mut hasher = Hasher::sha256();
        let mut buffer = Vec::with_capacity(256);
        for entry in &self.entries {
            assert!(
                !matches!(entry.kind, Kind::File { digest: None, .. }),
                "{} has been read before its listing is named",
                entry.path
            );
            buffer.clear();
            encode(entry, times, &mut buffer);
            hasher.update(&buffer);
        }
        hasher.finish()
    }

    /// Writes the listing in the form that [`Listing::decode`] reads.
    ///
    /// # Errors
    /// Only what `out` gives.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut buffer = Vec::with_capacity(64 * 1024);
        buffer.extend_from_slice(MAGIC);
        buffer.extend_from_slice(&(self.entries.len() as u64).to_le_bytes());
        for entry in &self.entries {
            encode(entry, Times::Keyed, &mut buffer);
            if buffer.len() > 60 * 1024 {
                out.write_all(&buffer)?;
                buffer.clear();
            }
        }
        out.write_all(&buffer)
    }

    /// Reads the bytes of a listing file.
    ///
    /// # Errors
    /// Damaged or unsorted bytes are refused; nothing is allocated beyond what the bytes hold.
    pub fn decode(bytes: &[u8]) -> Result<Self, ListingError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(8)? != MAGIC {
            return Err(ListingError::Damaged(0));
        }
        let count = usize::try_from(reader.u64()?).map_err(|_| ListingError::Damaged(8))?;
        let mut entries = Vec::with_capacity(count.min(bytes.len() / 40));
        for _ in 0..count {
            entries.push(reader.entry()?);
        }
        if reader.at != bytes.len() {
            return Err(ListingError::Damaged(reader.at));
        }
        Self::from_sorted(entries)
    }
}

/// Appends the framed form of an entry: every variable part has its length before it, so no two entries share bytes.
fn encode(entry: &Entry, times: Times, out: &mut Vec<u8>) {
    let Entry { path, kind, mode, uid, gid, mtime, xattrs } = entry;
    put_bytes(out, path.bytes());
    for number in [mode, uid, gid] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    if times == Times::Keyed {
        out.extend_from_slice(&mtime.to_le_bytes());
    }
    match kind {
        Kind::Directory { opaque } => out.extend_from_slice(&[0, u8::from(*opaque)]),
        Kind::File { size, digest } => {
            out.extend_from_slice(&[1, u8::from(digest.is_some())]);
            out.extend_from_slice(&size.to_le_bytes());
            out.extend_from_slice(digest.as_ref().map_or(&[][..], |d| &d[..]));
        }
        Kind::HardLink { to } => {
            out.push(2);
            put_bytes(out, to.bytes());
        }
        Kind::Symlink { target } => {
            out.push(3);
            put_bytes(out, target);
        }
        Kind::CharDevice { major, minor } => put_device(out, 4, *major, *minor),
        Kind::BlockDevice { major, minor } => put_device(out, 5, *major, *minor),
        Kind::Fifo => out.push(6),
        Kind::Whiteout => out.push(7),
    }
    out.extend_from_slice(&length(xattrs.len()));
    for (name, value) in xattrs {
        put_bytes(out, name);
        put_bytes(out, value);
    }
}

fn length(value: usize) -> [u8; 4] {
    u32::try_from(value).expect("paths and attributes are far below 4 GiB").to_le_bytes()
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&length(bytes.len()));
    out.extend_from_slice(bytes);
}

fn put_device(out: &mut Vec<u8>, tag: u8, major: u32, minor: u32) {
    out.push(tag);
    out.extend_from_slice(&major.to_le_bytes());
    out.extend_from_slice(&minor.to_le_bytes());
}

/// Reads framed bytes and remembers where it is, for the error.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ListingError> {
        let end =
            self.at.checked_add(length).filter(|end| *end <= self.bytes.len()).ok_or(ListingError::Damaged(self.at))?;
        let part = &self.bytes[self.at..end];
        self.at = end;
        Ok(part)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ListingError> {
        Ok(self.take(N)?.try_into().expect("take gave N bytes"))
    }

    fn u8(&mut self) -> Result<u8, ListingError> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<u32, ListingError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, ListingError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn part(&mut self) -> Result<&'a [u8], ListingError> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    fn path(&mut self) -> Result<TreePath, ListingError> {
        let at = self.at;
        let bytes = self.part()?;
        let path = TreePath::new(bytes).map_err(|_| ListingError::Damaged(at))?;
        if path.bytes() == bytes { Ok(path) } else { Err(ListingError::Damaged(at)) }
    }

    fn entry(&mut self) -> Result<Entry, ListingError> {
        let path = self.path()?;
        let (mode, uid, gid) = (self.u32()?, self.u32()?, self.u32()?);
        let mtime = i64::from_le_bytes(self.array()?);
        let kind = self.kind()?;
        let count = self.u32()? as usize;
        let mut xattrs: Vec<Xattr> = Vec::with_capacity(count.min(16));
        for _ in 0..count {
            xattrs.push((self.part()?.into(), self.part()?.into()));
        }
        Ok(Entry { path, kind, mode, uid, gid, mtime, xattrs })
    }

    fn kind(&mut self) -> Result<Kind, ListingError> {
        let at = self.at;
        Ok(match self.u8()? {
            0 => Kind::Directory { opaque: self.u8()? == 1 },
            1 => {
                let known = self.u8()? == 1;
                let size = self.u64()?;
                Kind::File { size, digest: if known { Some(self.array()?) } else { None } }
            }
            2 => Kind::HardLink { to: self.path()? },
            3 => Kind::Symlink { target: self.part()?.into() },
            4 => Kind::CharDevice { major: self.u32()?, minor: self.u32()? },
            5 => Kind::BlockDevice { major: self.u32()?, minor: self.u32()? },
            6 => Kind::Fifo,
            7 => Kind::Whiteout,
            _ => return Err(ListingError::Damaged(at)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text.as_bytes()).unwrap()
    }

    fn sample() -> Listing {
        let mut file = Entry::directory(path("a/f"), 0o644, 7);
        file.kind = Kind::File { size: 3, digest: Some([9; 32]) };
        file.xattrs = vec![((*b"user.x").into(), (*b"1").into())];
        let mut link = Entry::directory(path("a/g"), 0o644, 7);
        link.kind = Kind::HardLink { to: path("a/f") };
        let entries = vec![link, file, Entry::whiteout(path("a-b")), Entry::directory(path("a"), 0o755, -1)];
        Listing::from_unsorted(entries).unwrap()
    }

    fn bytes(listing: &Listing) -> Vec<u8> {
        let mut out = Vec::new();
        listing.write(&mut out).unwrap();
        out
    }

    #[test]
    fn a_listing_round_trips() {
        assert_eq!(Listing::decode(&bytes(&sample())).unwrap(), sample());
    }

    #[test]
    fn every_cut_is_refused() {
        let whole = bytes(&sample());
        for end in 0..whole.len() {
            assert!(Listing::decode(&whole[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn times_change_the_digest_only_when_keyed() {
        let mut later = sample();
        later.entries_mut()[0].mtime = 99;
        assert_eq!(later.digest(Times::Ignored), sample().digest(Times::Ignored));
        assert_ne!(later.digest(Times::Keyed), sample().digest(Times::Keyed));
    }

    #[test]
    fn a_subtree_stays_together() {
        let names: Vec<String> = sample().under(&path("a")).iter().map(|e| e.path.to_string()).collect();
        assert_eq!(names, ["/a", "/a/f", "/a/g"]);
    }
}
