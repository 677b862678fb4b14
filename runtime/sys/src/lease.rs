//! Read leases: proof that nobody holds a file open for writing.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// Chooses the signal of a broken lease, from asm-generic/fcntl.h; the crate libc lacks it.
const F_SETSIG: i32 = 10;

/// A read lease on a file (fcntl(2), `F_SETLEASE`), given back on drop.
///
/// While it is held no writer exists: an open for writing waits until the lease is dropped (at most
/// /proc/sys/fs/lease-break-time seconds). The kernel tells the holder by SIGURG, which is ignored by default.
#[derive(Debug)]
pub struct ReadLease<'file> {
    file: &'file File,
}

/// What came of asking for a read lease.
#[derive(Debug)]
pub enum LeaseOutcome<'file> {
    /// No writer exists until the lease is dropped.
    Granted(ReadLease<'file>),
    /// Somebody has the file open for writing, or mapped shared and writable.
    OpenForWriting,
    /// Only a file's owner (or CAP_LEASE) may lease it, or its file system has no leases.
    NotOwner,
}

impl ReadLease<'_> {
    /// Asks for a read lease on `file`, which was opened for reading only; never waits.
    pub fn take(file: &File) -> io::Result<LeaseOutcome<'_>> {
        set(file, F_SETSIG, libc::SIGURG)?;
        match set(file, libc::F_SETLEASE, libc::F_RDLCK) {
            Ok(()) => Ok(LeaseOutcome::Granted(ReadLease { file })),
            Err(error) => match error.raw_os_error() {
                Some(libc::EAGAIN) => Ok(LeaseOutcome::OpenForWriting),
                Some(libc::EACCES | libc::EPERM | libc::EINVAL | libc::EOPNOTSUPP) => Ok(LeaseOutcome::NotOwner),
                _ => Err(error),
            },
        }
    }
}

impl Drop for ReadLease<'_> {
    fn drop(&mut self) {
        // Giving a lease back cannot fail while the descriptor is open, and closing it would do the same.
        let _ = set(self.file, libc::F_SETLEASE, libc::F_UNLCK);
    }
}

fn set(file: &File, command: i32, argument: i32) -> io::Result<()> {
    // SAFETY: the descriptor is open during the call and both commands take an integer.
    let status = unsafe { libc::fcntl(file.as_raw_fd(), command, argument) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    #[test]
    fn granted_without_a_writer_and_given_back() {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        let reader = File::open(&path).unwrap();
        let lease = ReadLease::take(&reader).unwrap();
        assert!(matches!(lease, LeaseOutcome::Granted(_)));
        let write_now = || OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&path);
        assert_eq!(write_now().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(lease);
        write_now().unwrap();
    }

    #[test]
    fn refused_beside_a_writer() {
        let writer = tempfile::NamedTempFile::new().unwrap();
        let reader = File::open(writer.path()).unwrap();
        assert!(matches!(ReadLease::take(&reader).unwrap(), LeaseOutcome::OpenForWriting));
    }

    #[test]
    fn refused_for_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let reader = File::open(dir.path()).unwrap();
        assert!(matches!(ReadLease::take(&reader).unwrap(), LeaseOutcome::NotOwner));
    }
}
