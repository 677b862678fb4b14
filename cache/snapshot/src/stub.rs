//! Stubs: mount points that a tree lacks, made where they leave no trace in its delta.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use containr_sys::mount::{Attributes, tmpfs};
use containr_tree::TreePath;
use rustix::fs::{AtFlags, Mode, OFlags, Stat};
use rustix::io::{Errno, Result};

use crate::resolve::resolve;
use crate::{attributes, directory};

/// A place that something will be mounted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stub {
    /// The path; links in the tree are followed inside it.
    pub target: TreePath,
    /// What the place must be.
    pub kind: StubKind,
}

/// What a mount point is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StubKind {
    /// An empty file, for binding a file on.
    File,
    /// An empty directory.
    Directory,
}

/// Something that has to be made, with its parents in front of it.
struct Missing {
    path: TreePath,
    /// What exists of the path.
    present: TreePath,
    kind: StubKind,
}

fn missing(view: BorrowedFd<'_>, stubs: &[Stub]) -> Result<Vec<Missing>> {
    let mut found = Vec::new();
    for stub in stubs {
        let resolved = resolve(view, &stub.target)?;
        if resolved.path != resolved.present {
            found.push(Missing { path: resolved.path, present: resolved.present, kind: stub.kind });
        }
    }
    Ok(found)
}

/// Makes a tmpfs for the top of the lower directories with what `view` lacks; nothing when it lacks nothing.
///
/// Directories that are there already get the attributes that they have, since the topmost directory's count.
pub(crate) fn layer(view: BorrowedFd<'_>, stubs: &[Stub]) -> Result<Option<OwnedFd>> {
    let missing = missing(view, stubs)?;
    if missing.is_empty() {
        return Ok(None);
    }
    let mount =
        tmpfs(None, 0o755, Attributes::empty()).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    let mut parents = BTreeSet::from([TreePath::root()]);
    for Missing { path, present, kind } in &missing {
        for (ancestor, is_present) in ancestors(path, present) {
            make(mount.as_fd(), &ancestor, StubKind::Directory)?;
            if is_present {
                parents.insert(ancestor);
            }
        }
        make(mount.as_fd(), path, *kind)?;
    }
    // Deepest first: giving a directory its times must come after the last change in it.
    for path in parents.iter().rev() {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let (from, to) = (directory::open_below(view, path, flags)?, directory::open_below(&mount, path, flags)?);
        attributes::copy(from.as_fd(), to.as_fd())?;
    }
    Ok(Some(mount))
}

/// Returns the directories above `path`, outermost first, each with whether it lies within `present`.
fn ancestors(path: &TreePath, present: &TreePath) -> Vec<(TreePath, bool)> {
    let mut chain = Vec::new();
    let mut next = path.parent();
    while let Some(ancestor) = next.filter(|ancestor| !ancestor.is_root()) {
        next = ancestor.parent();
        let is_present = present.below(&ancestor).is_some();
        chain.push((ancestor, is_present));
    }
    chain.reverse();
    chain
}

fn make(root: BorrowedFd<'_>, path: &TreePath, kind: StubKind) -> Result<()> {
    let (parent, name) = (directory::open_parent(root, path)?, directory::name(path));
    let made = match kind {
        StubKind::Directory => rustix::fs::mkdirat(&parent, &name, Mode::from_raw_mode(0o755)),
        StubKind::File => {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
            rustix::fs::openat(&parent, &name, flags, Mode::from_raw_mode(0o644)).map(drop)
        }
    };
    match made {
        // Another stub made it, as itself or as a parent.
        Err(Errno::EXIST) => Ok(()),
        other => other,
    }
}

/// Stubs made in a writable tree itself, where no layer can take them.
#[derive(Debug, Default)]
pub(crate) struct Planted(Vec<(TreePath, StubKind)>);

impl Planted {
    /// Makes what the tree lacks; the times of directories above stay.
    pub(crate) fn plant(&mut self, tree: BorrowedFd<'_>, stubs: &[Stub]) -> Result<()> {
        for Missing { path, present, kind } in missing(tree, stubs)? {
            for (ancestor, is_present) in ancestors(&path, &present) {
                if !is_present {
                    self.one(tree, ancestor, StubKind::Directory)?;
                }
            }
            self.one(tree, path, kind)?;
        }
        Ok(())
    }

    fn one(&mut self, tree: BorrowedFd<'_>, path: TreePath, kind: StubKind) -> Result<()> {
        keeping_times(tree, &path, |_, _| make(tree, &path, kind))?;
        self.0.push((path, kind));
        Ok(())
    }

    /// Removes the stubs that are still empty.
    pub(crate) fn uproot(&mut self, tree: BorrowedFd<'_>) -> Result<()> {
        while let Some((path, kind)) = self.0.pop() {
            let removed = keeping_times(tree, &path, |parent, name| match kind {
                StubKind::Directory => rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR),
                StubKind::File if is_empty_file(&rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?) => {
                    rustix::fs::unlinkat(parent, name, AtFlags::empty())
                }
                StubKind::File => Ok(()),
            });
            match removed {
                // The step put something there, or took it away: then it is the step's own.
                Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                other => other?,
            }
        }
        Ok(())
    }
}

fn is_empty_file(stat: &Stat) -> bool {
    rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile && stat.st_size == 0
}

/// Changes an entry and gives the directory that holds it its times back.
fn keeping_times(
    tree: BorrowedFd<'_>,
    path: &TreePath,
    change: impl FnOnce(&OwnedFd, &CString) -> Result<()>,
) -> Result<()> {
    let parent = directory::open_parent(tree, path)?;
    let before = rustix::fs::fstat(&parent)?;
    change(&parent, &directory::name(path))?;
    rustix::fs::futimens(&parent, &attributes::times(&before))
}
