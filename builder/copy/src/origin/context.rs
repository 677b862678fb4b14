//! A directory of the user's, read in place through descriptors.

use std::fmt;
use std::io::Read;
use std::os::fd::{BorrowedFd, OwnedFd};

use containr_progress::Cancel;
use containr_tree::{Entry, Kind, TreePath};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::{Bridge, Node, Pick, Stamp};
use crate::target::open_unfollowed;
use crate::{CopyError, threads};

/// What the ignore rules say of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is part of the context.
    Kept,
    /// It is left out with all below it.
    Hidden,
    /// It is left out, but a later rule may bring back something below it.
    HiddenButOpen,
}

/// A build context.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The directory.
    pub root: BorrowedFd<'a>,
    /// The ignore rules, asked with a path relative to the root.
    pub ignore: &'a (dyn Fn(&TreePath) -> Verdict + Sync),
    /// How many threads may read.
    pub threads: usize,
    /// Ends long reading.
    pub cancel: &'a Cancel,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Context<'_> {
    pub(crate) fn lookup(&self, path: &TreePath) -> Result<Option<Node>, CopyError> {
        match self.stat(path)? {
            Some(node) if self.is_visible(path, &node)? => Ok(Some(node)),
            _ => Ok(None),
        }
    }

    /// Returns whether something stands at a path, seen or hidden.
    pub(crate) fn exists(&self, path: &TreePath) -> bool {
        matches!(self.stat(path), Ok(Some(_)))
    }

    pub(crate) fn names(&self, directory: &TreePath) -> Vec<Box<[u8]>> {
        let Ok(Some(fd)) = open_unfollowed(self.root, directory) else { return Vec::new() };
        let names = list(&fd).unwrap_or_default();
        names.into_iter().filter(|name| (self.ignore)(&directory.join(name)) != Verdict::Hidden).collect()
    }

    pub(crate) fn walk(
        &self,
        directory: &TreePath,
        pick: &(dyn Fn(&[u8], &Kind) -> Pick + Sync),
    ) -> Result<Vec<Node>, CopyError> {
        let fail = |source: Errno| read_error(directory, source);
        let Some(fd) = open_unfollowed(self.root, directory).map_err(fail)? else { return Ok(Vec::new()) };
        let mut nodes = Vec::new();
        self.walk_into(&fd, (directory, directory), pick, &mut nodes)?;
        Ok(nodes)
    }

    pub(crate) fn digests(&self, nodes: &mut [Node]) -> Result<(), CopyError> {
        let wanted = |node: &&mut Node| matches!(node.entry.kind, Kind::File { digest: None, .. });
        let mut files: Vec<&mut Node> = nodes.iter_mut().filter(wanted).collect();
        threads::for_each(&mut files, self.threads, |(): &mut (), node| {
            self.cancel.check()?;
            let hash = self.hash(node)?;
            if let Kind::File { digest, .. } = &mut node.entry.kind {
                *digest = Some(hash);
            }
            Ok(())
        })
    }

    fn stat(&self, path: &TreePath) -> Result<Option<Node>, CopyError> {
        let fail = |source: Errno| read_error(path, source);
        let Some(fd) = open_unfollowed(self.root, path).map_err(fail)? else { return Ok(None) };
        let stat = rustix::fs::fstat(&fd).map_err(fail)?;
        self.node(path, &stat, || rustix::fs::readlinkat(&fd, "", Vec::new()).map(|t| t.into_bytes().into()))
    }

    /// Returns whether the rules show an entry: a hidden directory is seen when something below it is.
    fn is_visible(&self, path: &TreePath, node: &Node) -> Result<bool, CopyError> {
        if path.is_root() {
            return Ok(true);
        }
        match (self.ignore)(path) {
            Verdict::Kept => Ok(true),
            Verdict::HiddenButOpen if matches!(node.entry.kind, Kind::Directory { .. }) => {
                let mut below = self.walk(path, &|_, _| Pick::Take)?;
                super::drop_useless_bridges(&mut below);
                Ok(!below.is_empty())
            }
            Verdict::Hidden | Verdict::HiddenButOpen => Ok(false),
        }
    }

    fn walk_into(
        &self,
        fd: &OwnedFd,
        (top, directory): (&TreePath, &TreePath),
        pick: &(dyn Fn(&[u8], &Kind) -> Pick + Sync),
        nodes: &mut Vec<Node>,
    ) -> Result<(), CopyError> {
        self.cancel.check()?;
        for name in list(fd).map_err(|e| read_error(directory, e))? {
            let path = directory.join(&name);
            let verdict = (self.ignore)(&path);
            if verdict == Verdict::Hidden {
                continue;
            }
            let single = TreePath::root().join(&name);
            let fail = |source: Errno| read_error(&path, source);
            let stat = match rustix::fs::statat(fd, single.as_path(), AtFlags::SYMLINK_NOFOLLOW) {
                // What goes away during the walk was not there.
                Err(Errno::NOENT) => continue,
                stat => stat.map_err(fail)?,
            };
            let link = || rustix::fs::readlinkat(fd, single.as_path(), Vec::new()).map(|t| t.into_bytes().into());
            let Some(mut node) = self.node(&path, &stat, link)? else { continue };
            let is_directory = matches!(node.entry.kind, Kind::Directory { .. });
            let picked = pick(path.below(top).expect("the walk stays below its top"), &node.entry.kind);
            match (verdict, picked) {
                (_, Pick::Skip) => continue,
                (Verdict::Kept, Pick::Take) => {}
                (_, Pick::Take) if is_directory => node.bridge = Bridge::Hidden,
                (_, Pick::Descend) if is_directory => node.bridge = Bridge::Unpicked,
                _ => continue,
            }
            nodes.push(node);
            if is_directory {
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let below = rustix::fs::openat(fd, single.as_path(), flags, Mode::empty()).map_err(fail)?;
                self.walk_into(&below, (top, &path), pick, nodes)?;
            }
        }
        Ok(())
    }

    /// Returns the node of a stat; sockets are none, as for every archiver.
    fn node(
        &self,
        path: &TreePath,
        stat: &rustix::fs::Stat,
        link: impl FnOnce() -> Result<Box<[u8]>, Errno>,
    ) -> Result<Option<Node>, CopyError> {
        let (major, minor) = (rustix::fs::major(stat.st_rdev), rustix::fs::minor(stat.st_rdev));
        let mut identity = None;
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => Kind::Directory { opaque: false },
            FileType::RegularFile => {
                identity = (stat.st_nlink > 1).then_some((stat.st_dev, stat.st_ino));
                Kind::File { size: stat.st_size.unsigned_abs(), digest: None }
            }
            FileType::Symlink => Kind::Symlink { target: link().map_err(|e| read_error(path, e))? },
            FileType::Fifo => Kind::Fifo,
            FileType::CharacterDevice => Kind::CharDevice { major, minor },
            FileType::BlockDevice => Kind::BlockDevice { major, minor },
            _ => return Ok(None),
        };
        let entry = Entry {
            path: path.clone(),
            kind,
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            mtime: stat.st_mtime,
            xattrs: Vec::new(),
        };
        Ok(Some(Node { entry, stamp: Some(Stamp::of(stat)), identity, bridge: Bridge::No }))
    }

    fn hash(&self, node: &Node) -> Result<[u8; 32], CopyError> {
        let path = &node.entry.path;
        let mut file = crate::transfer::open_source(self.root, path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer).map_err(|source| CopyError::Read { path: path.clone(), source })? {
                0 => break,
                length => hasher.update(&buffer[..length]),
            }
        }
        crate::transfer::check_stamp(&file, node.stamp.as_ref(), path)?;
        Ok(hasher.finalize().into())
    }
}

fn read_error(path: &TreePath, source: Errno) -> CopyError {
    CopyError::Read { path: path.clone(), source: source.into() }
}

/// Returns the names in a directory, sorted.
fn list(fd: &OwnedFd) -> Result<Vec<Box<[u8]>>, Errno> {
    let mut names = Vec::new();
    // What is at hand is an O_PATH descriptor, which cannot be read.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    for entry in Dir::new(rustix::fs::openat(fd, ".", flags, Mode::empty())?)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.into());
        }
    }
    names.sort();
    Ok(names)
}
