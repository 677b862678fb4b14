//! Files with holes: where their bytes are, and copying that keeps the holes.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::FileExt as _;

use rustix::fs::SeekFrom;
use rustix::io::Errno;

/// Files below this size in bytes are read as they are: asking costs more than it saves.
const LEAST: u64 = 64 * 1024;

/// What a hole reads as, for those who need its bytes; a piece at a time.
pub static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Bytes that may be anything.
    Data(Range<u64>),
    /// Zeros that take no place on the disk.
    Hole(Range<u64>),
}

/// Goes through the stretches of a file from its begin to a size, without gaps.
///
/// A file that changes meanwhile gives any stretches: whoever reads it compares its numbers before and after. The file's
/// position is moved, so its bytes are to be read by offset.
#[derive(Debug)]
pub struct Extents<'f> {
    file: BorrowedFd<'f>,
    at: u64,
    size: u64,
    sparse: bool,
}

impl<'f> Extents<'f> {
    /// Returns the stretches of the first `size` bytes of a file; one that takes as much place as it has bytes is not asked.
    pub fn of(file: BorrowedFd<'f>, size: u64) -> Self {
        /// The unit of `st_blocks` in bytes, on every file system.
        const BLOCK: u64 = 512;
        let allocated = |stat: rustix::fs::Stat| stat.st_blocks.cast_unsigned().saturating_mul(BLOCK);
        let sparse = size >= LEAST && rustix::fs::fstat(file).is_ok_and(|stat| allocated(stat) < size);
        Self { file, at: 0, size, sparse }
    }
}

impl Iterator for Extents<'_> {
    type Item = Extent;

    fn next(&mut self) -> Option<Extent> {
        let start = self.at;
        if start >= self.size {
            return None;
        }
        self.at = self.size;
        if !self.sparse {
            return Some(Extent::Data(start..self.size));
        }
        match rustix::fs::seek(self.file, SeekFrom::Data(start)) {
            Ok(data) if data > start => {
                self.at = data.min(self.size);
                Some(Extent::Hole(start..self.at))
            }
            Ok(_) => {
                let hole = rustix::fs::seek(self.file, SeekFrom::Hole(start)).unwrap_or(self.size);
                self.at = hole.clamp(start + 1, self.size);
                Some(Extent::Data(start..self.at))
            }
            // Nothing but a hole follows.
            Err(Errno::NXIO) => Some(Extent::Hole(start..self.size)),
            // The file system does not know.
            Err(_) => Some(Extent::Data(start..self.size)),
        }
    }
}

/// Copies the first `size` bytes of a file into an empty one, holes as holes, and returns how many there were.
///
/// # Errors
/// What reading or writing gives.
pub fn copy(from: &File, to: &File, size: u64) -> io::Result<u64> {
    for extent in Extents::of(from.as_fd(), size) {
        match extent {
            Extent::Data(range) => {
                let (start, wanted) = (range.start, range.end - range.start);
                let copied = copy_range(from, to, range)?;
                if copied < wanted {
                    return Ok(start + copied);
                }
            }
            // Only a hole at the end has to be made: the others come from writing behind them.
            Extent::Hole(range) if range.end == size => to.set_len(size)?,
            Extent::Hole(_) => {}
        }
    }
    Ok(size)
}

/// Copies bytes from and to the same place; the kernel does it alone where it can.
fn copy_range(from: &File, to: &File, range: Range<u64>) -> io::Result<u64> {
    let (mut read, mut written) = (range.start, range.start);
    while read < range.end {
        let wanted = usize::try_from(range.end - read).unwrap_or(usize::MAX).min(1 << 30);
        match rustix::fs::copy_file_range(from.as_fd(), Some(&mut read), to.as_fd(), Some(&mut written), wanted) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::XDEV | Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL | Errno::PERM | Errno::IO)
                if read == range.start =>
            {
                return copy_by_hand(from, to, range);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(read - range.start)
}

fn copy_by_hand(from: &File, to: &File, range: Range<u64>) -> io::Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut at = range.start;
    while at < range.end {
        let wanted = usize::try_from(range.end - at).unwrap_or(usize::MAX).min(buffer.len());
        match from.read_at(&mut buffer[..wanted], at) {
            Ok(0) => break,
            Ok(length) => {
                to.write_all_at(&buffer[..length], at)?;
                at += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(at - range.start)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    const MIB: u64 = 1 << 20;

    /// Returns a file of so many bytes with a page of data at each of the places.
    fn file(size: u64, places: &[u64]) -> File {
        let file = tempfile::tempfile().unwrap();
        file.set_len(size).unwrap();
        for place in places {
            file.write_all_at(&[7; 4096], *place).unwrap();
        }
        file
    }

    #[test]
    fn stretches_cover_the_file_without_gaps() {
        for (size, places) in [(0, &[][..]), (3 * MIB, &[]), (3 * MIB, &[0]), (3 * MIB, &[MIB, 3 * MIB - 4096])] {
            let file = file(size, places);
            let mut at = 0;
            let mut data = 0;
            for extent in Extents::of(file.as_fd(), size) {
                let (range, filled) = match extent {
                    Extent::Data(range) => (range, true),
                    Extent::Hole(range) => (range, false),
                };
                assert!(range.start == at && range.end > at, "{range:?}");
                at = range.end;
                data += if filled { range.end - range.start } else { 0 };
            }
            assert_eq!(at, size);
            assert!(data >= 4096 * places.len() as u64 && data <= size, "{data} bytes of data");
        }
    }

    #[test]
    fn a_copy_has_the_bytes_and_the_holes() {
        for places in [&[][..], &[0], &[16 * MIB], &[MIB, 32 * MIB - 4096]] {
            let (from, to) = (file(32 * MIB, places), tempfile::tempfile().unwrap());
            assert_eq!(copy(&from, &to, 32 * MIB).unwrap(), 32 * MIB);
            let mut bytes = [vec![0; 32 << 20], vec![1; 32 << 20]];
            from.read_exact_at(&mut bytes[0], 0).unwrap();
            to.read_exact_at(&mut bytes[1], 0).unwrap();
            assert!(bytes[0] == bytes[1]);
            let blocks = |file: &File| file.metadata().unwrap().blocks();
            assert!(blocks(&to) <= blocks(&from) + 64, "{} and {} blocks", blocks(&from), blocks(&to));
        }
    }

    #[test]
    fn a_shorter_file_is_told_by_the_count() {
        let (from, to) = (file(0, &[0]), tempfile::tempfile().unwrap());
        assert_eq!(copy(&from, &to, 5000).unwrap(), 4096);
    }

    #[test]
    fn bytes_move_by_hand_as_well() {
        let (from, to) = (file(MIB, &[4096]), tempfile::tempfile().unwrap());
        assert_eq!(copy_by_hand(&from, &to, 4096..12_288).unwrap(), 8192);
        let mut bytes = [0; 4096];
        to.read_exact_at(&mut bytes, 4096).unwrap();
        assert_eq!(bytes, [7; 4096]);
    }
}
