//! A directory of the user's, read in place through descriptors.

use std::fmt;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

use containr_progress::Cancel;
use containr_tree::{DigestCache, Entry, FileKind, Found, Kind, Stat, TreeError, TreePath, Visit};
use rustix::fs::{Dir, Mode, OFlags};
use rustix::io::Errno;

use super::{Bridge, Node, Pick};
use crate::CopyError;
use crate::target::open_unfollowed;

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
pub struct Context<'a> {
    root: BorrowedFd<'a>,
    ignore: &'a (dyn Fn(&TreePath) -> Verdict + Sync),
    digests: Mutex<&'a mut DigestCache>,
    cancel: &'a Cancel,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("root", &self.root).finish_non_exhaustive()
    }
}

impl<'a> Context<'a> {
    /// Returns the context in the directory `root`; `ignore` is asked with paths relative to it.
    pub fn new(
        root: BorrowedFd<'a>,
        ignore: &'a (dyn Fn(&TreePath) -> Verdict + Sync),
        digests: &'a mut DigestCache,
        cancel: &'a Cancel,
    ) -> Self {
        Self { root, ignore, digests: Mutex::new(digests), cancel }
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
        let bridges = Mutex::new(Vec::new());
        let filter = |path: &TreePath, stat: &Stat| {
            let (visit, bridge) = self.visit(&directory.join(path.bytes()), path, stat, pick);
            if let Some(bridge) = bridge {
                bridges.lock().unwrap_or_else(PoisonError::into_inner).push((path.clone(), *stat, bridge));
            }
            visit
        };
        let found = containr_tree::walk(fd.as_fd(), &filter, self.cancel).map_err(|error| rooted(directory, error))?;
        let node = |Found { path, stat, link }: Found| node(directory.join(path.bytes()), stat, link);
        let mut nodes: Vec<Node> = found.into_iter().map(node).collect();
        let bridges = bridges.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !bridges.is_empty() {
            nodes.extend(
                bridges
                    .into_iter()
                    .map(|(path, stat, bridge)| Node { bridge, ..node(Found { path, stat, link: None }) }),
            );
            nodes.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
        }
        Ok(nodes)
    }

    pub(crate) fn digests(&self, nodes: &mut [Node]) -> Result<(), CopyError> {
        let wanted = |node: &&mut Node| matches!(node.entry.kind, Kind::File { digest: None, .. });
        let mut files: Vec<&mut Node> = nodes.iter_mut().filter(wanted).collect();
        let found: Vec<Found> = files.iter().filter_map(|node| found(node)).collect();
        let found: Vec<&Found> = found.iter().collect();
        let mut cache = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        let hashes = cache.digests(self.root, &found, self.cancel)?;
        for (node, hash) in files.iter_mut().zip(hashes) {
            if let Kind::File { digest, .. } = &mut node.entry.kind {
                *digest = Some(hash);
            }
        }
        Ok(())
    }

    /// Returns what the walk does with an entry, and what kind of bridge it is when it only leads on.
    fn visit(
        &self,
        path: &TreePath,
        relative: &TreePath,
        stat: &Stat,
        pick: &(dyn Fn(&[u8], &Kind) -> Pick + Sync),
    ) -> (Visit, Option<Bridge>) {
        // No layer can hold a socket, and no archiver takes one.
        let verdict = if stat.kind == FileKind::Socket { Verdict::Hidden } else { (self.ignore)(path) };
        if verdict == Verdict::Hidden {
            return (Visit::Skip, None);
        }
        let directory = stat.kind == FileKind::Directory;
        match (verdict, pick(relative.bytes(), &kind(stat, None))) {
            (_, Pick::Skip) => (Visit::Skip, None),
            (Verdict::Kept, Pick::Take) => (Visit::Take, None),
            (_, Pick::Take) if directory => (Visit::Descend, Some(Bridge::Hidden)),
            (_, Pick::Descend) if directory => (Visit::Descend, Some(Bridge::Unpicked)),
            _ => (Visit::Skip, None),
        }
    }

    fn stat(&self, path: &TreePath) -> Result<Option<Node>, CopyError> {
        let fail = |source: Errno| read_error(path, source);
        let Some(fd) = open_unfollowed(self.root, path).map_err(fail)? else { return Ok(None) };
        let stat = Stat::from(rustix::fs::fstat(&fd).map_err(fail)?);
        let link = match stat.kind {
            FileKind::Socket => return Ok(None),
            FileKind::Symlink => Some(rustix::fs::readlinkat(&fd, "", Vec::new()).map_err(fail)?.into_bytes().into()),
            _ => None,
        };
        Ok(Some(node(path.clone(), stat, link)))
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
}

fn node(path: TreePath, stat: Stat, link: Option<Box<[u8]>>) -> Node {
    let identity = (stat.kind == FileKind::File && stat.nlink > 1).then_some((stat.dev, stat.ino));
    let entry = Entry {
        path,
        kind: kind(&stat, link),
        mode: stat.mode,
        uid: stat.uid,
        gid: stat.gid,
        mtime: stat.mtime_s,
        xattrs: Vec::new(),
    };
    Node { entry, stamp: Some(stat), identity, bridge: Bridge::No }
}

fn kind(stat: &Stat, link: Option<Box<[u8]>>) -> Kind {
    let (major, minor) = stat.device();
    match stat.kind {
        FileKind::Directory => Kind::Directory { opaque: false },
        FileKind::Symlink => Kind::Symlink { target: link.unwrap_or_default() },
        FileKind::CharDevice => Kind::CharDevice { major, minor },
        FileKind::BlockDevice => Kind::BlockDevice { major, minor },
        FileKind::Fifo => Kind::Fifo,
        FileKind::File | FileKind::Socket => Kind::File { size: stat.size, digest: None },
    }
}

/// Returns a file in the form that the digest cache asks for.
fn found(node: &Node) -> Option<Found> {
    node.stamp.map(|stat| Found { path: node.entry.path.clone(), stat, link: None })
}

/// Makes the path of an error one from the root of the context.
fn rooted(directory: &TreePath, error: TreeError) -> TreeError {
    match error {
        TreeError::Io { action, path, source } => TreeError::Io { action, path: directory.join(path.bytes()), source },
        TreeError::Changed(path) => TreeError::Changed(directory.join(path.bytes())),
        other => other,
    }
}

fn read_error(path: &TreePath, source: Errno) -> CopyError {
    CopyError::Read { path: path.clone(), source: source.into() }
}

/// Returns the names in a directory.
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
    Ok(names)
}
