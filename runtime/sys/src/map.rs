//! Read-only views of whole files as memory.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;

/// A file's bytes as memory, private and read-only, unmapped on drop.
///
/// An empty file is an empty slice without a mapping. The file must not shrink while it is mapped (touching a lost
/// page is SIGBUS), so this is for files that appear whole and are never written again.
#[derive(Debug)]
pub struct MappedFile {
    address: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping is read-only and owned by this value alone, so any thread may read or unmap it.
unsafe impl Send for MappedFile {}
// SAFETY: shared access only reads.
unsafe impl Sync for MappedFile {}

impl MappedFile {
    /// Maps all of `file`, a regular file opened for reading; anything else is `InvalidInput`.
    pub fn open(file: &File) -> io::Result<MappedFile> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let length = usize::try_from(metadata.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        if length == 0 {
            return Ok(MappedFile { address: NonNull::dangling(), length });
        }
        let (protection, flags) = (libc::PROT_READ, libc::MAP_PRIVATE);
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing; the descriptor is open.
        let address = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, file.as_raw_fd(), 0) };
        match NonNull::new(address.cast::<u8>()) {
            Some(start) if address != libc::MAP_FAILED => Ok(MappedFile { address: start, length }),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `address` is a mapping of `length` readable bytes, or dangling with length 0; it lives as long as `self`.
        unsafe { std::slice::from_raw_parts(self.address.as_ptr(), self.length) }
    }
}

impl Drop for MappedFile {
    fn drop(&mut self) {
        if self.length > 0 {
            // SAFETY: the mapping was made by `open` with this length and no slice of it outlives `self`.
            unsafe { libc::munmap(self.address.as_ptr().cast(), self.length) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn whole_content_also_after_the_file_is_closed() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[7; 5000]).unwrap();
        let map = MappedFile::open(&file).unwrap();
        drop(file);
        assert_eq!(*map, [7; 5000]);
    }

    #[test]
    fn empty_file() {
        assert!(MappedFile::open(&tempfile::tempfile().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let error = MappedFile::open(&File::open(dir.path()).unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
