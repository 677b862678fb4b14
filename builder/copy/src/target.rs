//! The tree below a COPY: what stands where the files go.

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use containr_sys::beneath::{self, Links};
use containr_tree::{Entry, Kind, TreePath, Xattr};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::CopyError;
use crate::resolve::{Standing, resolve};

/// A read-only view of the parent; nothing for scratch and for linked copies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    root: Option<BorrowedFd<'a>>,
}

impl<'a> Target<'a> {
    pub(crate) fn new(root: Option<BorrowedFd<'a>>) -> Self {
        Self { root }
    }

    /// Returns whether there is no tree at all.
    pub(crate) fn is_scratch(&self) -> bool {
        self.root.is_none()
    }

    /// Returns the entry at a path whose directories are no links; it is not followed itself.
    ///
    /// A file comes without its digest and counts as one name, because only its type matters here.
    pub(crate) fn entry(&self, path: &TreePath) -> Result<Option<Entry>, CopyError> {
        let fail = |source: Errno| CopyError::Target { path: path.clone(), source: source.into() };
        let Some(fd) = self.open_path(path).map_err(fail)? else { return Ok(None) };
        read_entry(path, &fd).map(Some).map_err(fail)
    }

    /// Opens a regular file for reading, links followed inside the root; nothing when there is none.
    pub(crate) fn open(&self, path: &TreePath) -> Result<Option<File>, CopyError> {
        let fail = |source: io::Error| CopyError::Target { path: path.clone(), source };
        let Some(root) = self.root else { return Ok(None) };
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        match beneath::open(root, path.as_path(), flags, Links::Inside) {
            Ok(fd) => {
                let file = File::from(fd);
                Ok(file.metadata().map_err(fail)?.is_file().then_some(file))
            }
            Err(error) if absent(error) => Ok(None),
            Err(error) => Err(fail(error.into())),
        }
    }

    fn open_path(&self, path: &TreePath) -> Result<Option<OwnedFd>, Errno> {
        let Some(root) = self.root else { return Ok(None) };
        open_unfollowed(root, path)
    }
}

/// Opens the entry at a path itself, whatever its type; a link on the way counts as absence.
pub(crate) fn open_unfollowed(root: BorrowedFd<'_>, path: &TreePath) -> Result<Option<OwnedFd>, Errno> {
    match beneath::open(root, path.as_path(), OFlags::PATH | OFlags::NOFOLLOW, Links::Refused) {
        Ok(fd) => Ok(Some(fd)),
        Err(error) if absent(error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether an error says that nothing stands at a path.
pub(crate) fn absent(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG)
}

/// Reads what stands behind an `O_PATH` descriptor; directories bring the attributes that a layer keeps.
fn read_entry(path: &TreePath, fd: &OwnedFd) -> Result<Entry, Errno> {
    let stat = rustix::fs::fstat(fd)?;
    let (major, minor) = (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev));
    let mut xattrs = Vec::new();
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => {
            xattrs = directory_xattrs(fd)?;
            Kind::Directory { opaque: false }
        }
        FileType::Symlink => Kind::Symlink { target: rustix::fs::readlinkat(fd, "", Vec::new())?.into_bytes().into() },
        FileType::CharacterDevice => Kind::CharDevice { major, minor },
        FileType::BlockDevice => Kind::BlockDevice { major, minor },
        FileType::Fifo => Kind::Fifo,
        _ => Kind::File { size: stat.st_size.unsigned_abs(), digest: None },
    };
    let mode = stat.st_mode & 0o7777;
    Ok(Entry { path: path.clone(), kind, mode, uid: stat.st_uid, gid: stat.st_gid, mtime: stat.st_mtime, xattrs })
}

/// Reads `user.*` and `security.capability`, sorted.
fn directory_xattrs(directory: &OwnedFd) -> Result<Vec<Xattr>, Errno> {
    // An O_PATH descriptor cannot be asked for attributes; the directory itself is opened through it.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::openat(directory, ".", flags, Mode::empty())?;
    let mut names = vec![0; 64 * 1024];
    let length = match rustix::fs::flistxattr(&directory, names.as_mut_slice()) {
        Ok(length) => length,
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let kept = |name: &&[u8]| {
        (name.starts_with(b"user.") && !name.starts_with(b"user.overlay.")) || *name == b"security.capability"
    };
    let mut xattrs: Vec<Xattr> = Vec::new();
    for name in names[..length].split(|b| *b == 0).filter(kept) {
        let mut value = vec![0; 64 * 1024];
        let length = rustix::fs::fgetxattr(&directory, name, value.as_mut_slice())?;
        xattrs.push((name.into(), value[..length].into()));
    }
    xattrs.sort();
    Ok(xattrs)
}

/// Returns the path with all links followed inside the target.
pub(crate) fn follow(
    path: &TreePath,
    mut entry: impl FnMut(&TreePath) -> Result<Option<Entry>, CopyError>,
) -> Result<TreePath, CopyError> {
    resolve(path, |at| {
        Ok(match entry(at)? {
            None => Standing::Missing,
            Some(Entry { kind: Kind::Symlink { target }, .. }) => Standing::Link(target),
            Some(_) => Standing::Other,
        })
    })
}
