//! Puts single files into a directory tree that only this code writes to: every call names one component in a directory
//! that was opened without following links, and owners, modes and attributes are set on descriptors.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use containr_sys::owner;
use containr_tree::{Entry, Kind, TreePath, Xattr};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use crate::LayerError;
use crate::attributes;

/// Writes below one root and keeps the directory that it used last open.
pub(crate) struct Placer<'a> {
    root: BorrowedFd<'a>,
    last: Option<(TreePath, OwnedFd)>,
    /// Who owns what this process makes; nothing when a set-group-id root passes on its group.
    own: Option<(u32, u32)>,
}

impl<'a> Placer<'a> {
    /// Returns a placer for the tree in `root`.
    pub(crate) fn new(root: BorrowedFd<'a>) -> Result<Self, LayerError> {
        let stat = rustix::fs::fstat(root).map_err(LayerError::file("look at", &TreePath::root()))?;
        let ids = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let own = (stat.st_mode & 0o2000 == 0).then_some(ids);
        Ok(Self { root, last: None, own })
    }

    fn parent(&mut self, path: &TreePath) -> Result<BorrowedFd<'_>, LayerError> {
        let parent = path.parent().unwrap_or_default();
        if self.last.as_ref().is_none_or(|(known, _)| *known != parent) {
            let opened = attributes::open(self.root, &parent, OFlags::PATH | OFlags::DIRECTORY)
                .map_err(LayerError::file("open the directory", &parent))?;
            self.last = Some((parent, opened));
        }
        Ok(self.last.as_ref().expect("it was opened just now").1.as_fd())
    }

    /// Makes an empty file that only its owner can read, open for writing.
    pub(crate) fn create(&mut self, path: &TreePath) -> Result<OwnedFd, LayerError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::openat(self.parent(path)?, path.file_name(), flags, mode)
            .map_err(LayerError::file("make the file", path))
    }

    /// Gives a file or directory the owner, mode, attributes and time of `entry`.
    pub(crate) fn finish(&self, file: BorrowedFd<'_>, entry: &Entry) -> Result<(), LayerError> {
        if self.own != Some((entry.uid, entry.gid)) {
            owner::set(file, entry.uid, entry.gid).map_err(LayerError::file("set the owner of", &entry.path))?;
        }
        // After the owner, whose change clears set-id bits and capabilities.
        rustix::fs::fchmod(file, Mode::from_raw_mode(entry.mode))
            .map_err(LayerError::file("set the mode of", &entry.path))?;
        set_xattrs(file, &entry.xattrs).map_err(LayerError::file("set the attributes of", &entry.path))?;
        rustix::fs::futimens(file, &times(entry.mtime)).map_err(LayerError::file("set the time of", &entry.path))
    }

    /// Makes a directory that only its owner can enter; [`Placer::finish_directory`] gives it its final mode.
    pub(crate) fn make_directory(&mut self, path: &TreePath) -> Result<(), LayerError> {
        rustix::fs::mkdirat(self.parent(path)?, path.file_name(), Mode::RWXU)
            .map_err(LayerError::file("make the directory", path))
    }

    /// Gives a directory its owner, mode, attributes and time, once nothing more is put into it.
    pub(crate) fn finish_directory(&self, entry: &Entry) -> Result<(), LayerError> {
        let directory = attributes::open_directory(self.root, &entry.path)
            .map_err(LayerError::file("open the directory", &entry.path))?;
        self.finish(directory.as_fd(), entry)
    }

    /// Gives the file at `to` a further name.
    pub(crate) fn link(&mut self, to: &TreePath, path: &TreePath) -> Result<(), LayerError> {
        let old = attributes::open(self.root, &to.parent().unwrap_or_default(), OFlags::PATH | OFlags::DIRECTORY)
            .map_err(LayerError::file("open the directory of", to))?;
        let name = to.file_name();
        rustix::fs::linkat(&old, name, self.parent(path)?, path.file_name(), AtFlags::empty())
            .map_err(LayerError::file("link", path))
    }

    /// Makes a symbolic link, device or pipe; a device that the kernel refuses (in a user namespace) is left out.
    pub(crate) fn make_special(&mut self, entry: &Entry) -> Result<(), LayerError> {
        let parent = self.parent(&entry.path)?;
        let made = make_node(parent, entry);
        if matches!(made, Err(Errno::PERM)) && matches!(entry.kind, Kind::CharDevice { .. } | Kind::BlockDevice { .. })
        {
            // The listing still has it, so no layer loses it.
            return Ok(());
        }
        made.map_err(io::Error::from)
            .and_then(|()| dress_node(parent, entry))
            .map_err(LayerError::file("make", &entry.path))
    }

    /// Removes what stands at `path` unless it is a directory.
    pub(crate) fn remove_file(&mut self, path: &TreePath) -> Result<(), LayerError> {
        rustix::fs::unlinkat(self.parent(path)?, path.file_name(), AtFlags::empty())
            .map_err(LayerError::file("replace", path))
    }

    /// Removes what stands at `path` with all below it.
    pub(crate) fn remove(&mut self, path: &TreePath) -> Result<(), LayerError> {
        let outcome = remove_all(self.parent(path)?, path.file_name());
        // The directory that was open may be among what is gone.
        self.last = None;
        outcome.map_err(LayerError::file("remove", path))
    }
}

fn times(mtime: i64) -> Timestamps {
    let time = Timespec { tv_sec: mtime, tv_nsec: 0 };
    Timestamps { last_access: time, last_modification: time }
}

fn make_node(parent: BorrowedFd<'_>, entry: &Entry) -> rustix::io::Result<()> {
    let name = entry.path.file_name();
    let node = |kind, device| rustix::fs::mknodat(parent, name, kind, Mode::RUSR | Mode::WUSR, device);
    match &entry.kind {
        Kind::Symlink { target } => rustix::fs::symlinkat(&**target, parent, name),
        Kind::CharDevice { major, minor } => node(FileType::CharacterDevice, rustix::fs::makedev(*major, *minor)),
        Kind::BlockDevice { major, minor } => node(FileType::BlockDevice, rustix::fs::makedev(*major, *minor)),
        Kind::Fifo => node(FileType::Fifo, 0),
        _ => unreachable!("files, directories and whiteouts are made elsewhere"),
    }
}

fn dress_node(parent: BorrowedFd<'_>, entry: &Entry) -> io::Result<()> {
    let name = entry.path.file_name();
    owner::set_at(parent, name, entry.uid, entry.gid)?;
    if !matches!(entry.kind, Kind::Symlink { .. }) {
        // It was made just now in a directory that nobody else writes to, so the name is no link.
        rustix::fs::chmodat(parent, name, Mode::from_raw_mode(entry.mode), AtFlags::empty())?;
    }
    Ok(rustix::fs::utimensat(parent, name, &times(entry.mtime), AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Sets attributes; file systems without user attributes lose those, as the listing keeps them.
fn set_xattrs(file: BorrowedFd<'_>, xattrs: &[Xattr]) -> rustix::io::Result<()> {
    for (name, value) in xattrs {
        match rustix::fs::fsetxattr(file, &**name, value, rustix::fs::XattrFlags::empty()) {
            Ok(()) => {}
            Err(Errno::NOTSUP) if name.starts_with(b"user.") => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn remove_all(parent: BorrowedFd<'_>, name: &[u8]) -> io::Result<()> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Err(Errno::ISDIR) => {}
        other => return Ok(other?),
    }
    // Depth is bounded by the length of a path, and a directory is closed before its parent goes on.
    let mut pending: Vec<Vec<u8>> = vec![name.to_vec()];
    while let Some(path) = pending.last().cloned() {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(parent, path.as_slice(), flags, Mode::empty())?;
        let before = pending.len();
        for name in attributes::names(directory.as_fd())? {
            match rustix::fs::unlinkat(&directory, name.as_slice(), AtFlags::empty()) {
                Err(Errno::ISDIR) => pending.push([&path, b"/".as_slice(), &name].concat()),
                other => other?,
            }
        }
        if pending.len() == before {
            rustix::fs::unlinkat(parent, path.as_slice(), AtFlags::REMOVEDIR)?;
            pending.pop();
        }
    }
    Ok(())
}
