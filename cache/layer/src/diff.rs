//! Says what a tree changes in its parent, as a function of the two trees alone: an overlay upper and a full copy of the
//! tree give the same listing.

use std::collections::HashMap;
use std::io::Read as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use containr_tree::{Entry, Kind, Listing, TreePath};
use rustix::fs::{FileType, OFlags, Stat};

use crate::{Context, LayerError, attributes};

/// What the differ walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The upper directory of an overlay: what is not there is as in the parent, unless a mark hides it.
    Upper,
    /// The whole tree.
    Full,
}

/// Returns what the tree in `new` changes in the tree in `parent`; digests of files are not filled in.
///
/// Directories that only hold changes are listed, too; the root never is. A directory whose only change is its time is
/// not listed, and sockets never are.
///
/// # Errors
/// What the file system gives.
pub fn diff_trees(
    new: BorrowedFd<'_>,
    shape: Shape,
    parent: BorrowedFd<'_>,
    context: Context<'_>,
) -> Result<Listing, LayerError> {
    let mut walk = Walk { new, parent: Some(parent), found: Vec::new() };
    walk.all(shape, context)?;
    walk.listing()
}

/// Returns all that the tree in `root` holds, its root left out; digests of files are not filled in.
///
/// # Errors
/// What the file system gives.
pub fn scan_tree(root: BorrowedFd<'_>, context: Context<'_>) -> Result<Listing, LayerError> {
    let mut walk = Walk { new: root, parent: None, found: Vec::new() };
    walk.all(Shape::Full, context)?;
    walk.listing()
}

/// An entry that was met, with what pairs hard links.
struct Found {
    entry: Entry,
    inode: Option<(u64, u64)>,
    /// An unchanged directory is listed only when something below it is.
    changed: bool,
}

/// A directory that is still to be read.
struct Pending {
    path: TreePath,
    shape: Shape,
    /// Whether the parent has a directory there.
    known: bool,
}

struct Walk<'a> {
    new: BorrowedFd<'a>,
    parent: Option<BorrowedFd<'a>>,
    found: Vec<Found>,
}

/// A directory of both trees that is being compared.
struct Both<'a> {
    path: &'a TreePath,
    new: OwnedFd,
    old: Option<OwnedFd>,
}

impl Walk<'_> {
    fn all(&mut self, shape: Shape, context: Context<'_>) -> Result<(), LayerError> {
        // A list and no recursion: a tree may be deeper than a stack.
        let mut pending = vec![Pending { path: TreePath::root(), shape, known: self.parent.is_some() }];
        while let Some(next) = pending.pop() {
            context.cancel.check()?;
            self.directory(&next, &mut pending)?;
        }
        Ok(())
    }

    fn directory(&mut self, directory: &Pending, pending: &mut Vec<Pending>) -> Result<(), LayerError> {
        let path = &directory.path;
        let new = attributes::open_directory(self.new, path).map_err(LayerError::file("open", path))?;
        let old = match self.parent.filter(|_| directory.known) {
            Some(parent) => Some(attributes::open_directory(parent, path).map_err(LayerError::file("open", path))?),
            None => None,
        };
        let opaque = directory.shape == Shape::Upper
            && is_opaque(new.as_fd()).map_err(LayerError::file("read the attributes of", path))?;
        let shape = if opaque { Shape::Full } else { directory.shape };
        let both = Both { path, new, old };
        let names = attributes::names(both.new.as_fd()).map_err(LayerError::file("read", path))?;
        for name in &names {
            self.name(&both, name, shape, pending)?;
        }
        if shape == Shape::Full {
            self.missing(&both, &names)?;
        }
        Ok(())
    }

    /// Compares one name of the new tree with the parent.
    fn name(
        &mut self,
        both: &Both<'_>,
        name: &[u8],
        shape: Shape,
        pending: &mut Vec<Pending>,
    ) -> Result<(), LayerError> {
        let path = both.path.join(name);
        let fail = |error| LayerError::file("look at", &path)(error);
        let Some(stat) = attributes::stat_in(both.new.as_fd(), name).map_err(fail)? else {
            return Err(LayerError::Changed(path));
        };
        let old = match &both.old {
            Some(old) => attributes::stat_in(old.as_fd(), name).map_err(fail)?,
            None => None,
        };
        if shape == Shape::Upper && is_whiteout(&stat) {
            if old.is_some() {
                self.found.push(Found { entry: Entry::whiteout(path), inode: None, changed: true });
            }
            return Ok(());
        }
        let Some(entry) = attributes::entry(both.new.as_fd(), name, path.clone(), &stat).map_err(fail)? else {
            // A socket stands where the parent has something else: for a layer that is gone.
            return self.hide_below_socket(path, old.as_ref());
        };
        let changed = match (&old, &both.old) {
            (Some(stat_old), Some(old)) => !self.is_equal(&entry, &stat, old.as_fd(), stat_old)?,
            _ => true,
        };
        let directory = matches!(entry.kind, Kind::Directory { .. });
        if directory {
            let known = old.is_some_and(|old| FileType::from_raw_mode(old.st_mode).is_dir());
            pending.push(Pending { path, shape, known });
        }
        if directory || changed {
            let inode = (!directory && stat.st_nlink > 1).then_some((stat.st_dev, stat.st_ino));
            self.found.push(Found { entry, inode, changed });
        }
        Ok(())
    }

    fn hide_below_socket(&mut self, path: TreePath, old: Option<&Stat>) -> Result<(), LayerError> {
        if old.is_some_and(|old| !FileType::from_raw_mode(old.st_mode).is_socket()) {
            self.found.push(Found { entry: Entry::whiteout(path), inode: None, changed: true });
        }
        Ok(())
    }

    /// Lists a whiteout for every name that only the parent has.
    fn missing(&mut self, both: &Both<'_>, names: &[Vec<u8>]) -> Result<(), LayerError> {
        let Some(old) = &both.old else { return Ok(()) };
        for name in attributes::names(old.as_fd()).map_err(LayerError::file("read", both.path))? {
            if names.binary_search(&name).is_err() {
                let entry = Entry::whiteout(both.path.join(&name));
                self.found.push(Found { entry, inode: None, changed: true });
            }
        }
        Ok(())
    }

    /// Returns whether a layer would say the same of both; a directory's time and a link count do not matter.
    fn is_equal(&self, new: &Entry, stat: &Stat, old: BorrowedFd<'_>, stat_old: &Stat) -> Result<bool, LayerError> {
        let directory = matches!(new.kind, Kind::Directory { .. });
        let same_stat = stat.st_mode == stat_old.st_mode
            && (stat.st_uid, stat.st_gid) == (stat_old.st_uid, stat_old.st_gid)
            && (directory || times(stat) == times(stat_old));
        if !same_stat {
            return Ok(false);
        }
        let fail = |error| LayerError::file("look at", &new.path)(error);
        let Some(entry) = attributes::entry(old, new.path.file_name(), new.path.clone(), stat_old).map_err(fail)?
        else {
            return Ok(false);
        };
        if entry.kind != new.kind || entry.xattrs != new.xattrs {
            return Ok(false);
        }
        // Tools that set whole seconds (tar, touch -d, cp -p of such files) can change content under an equal time.
        let coarse = stat.st_mtime_nsec == 0 && stat_old.st_mtime_nsec == 0;
        match new.kind {
            Kind::File { size, .. } if coarse && size > 0 => self.same_content(&new.path),
            _ => Ok(true),
        }
    }

    fn same_content(&self, path: &TreePath) -> Result<bool, LayerError> {
        let parent = self.parent.expect("an equal entry of the parent was found");
        let open = |root| attributes::open(root, path, OFlags::RDONLY).map(std::fs::File::from);
        let mut new = open(self.new).map_err(LayerError::file("open", path))?;
        let mut old = open(parent).map_err(LayerError::file("open", path))?;
        let mut buffers = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        loop {
            let length = new.read(&mut buffers.0).map_err(LayerError::file("read", path))?;
            let other = &mut buffers.1[..length];
            if length == 0 {
                return Ok(old.read(&mut [0]).map_err(LayerError::file("read", path))? == 0);
            }
            match old.read_exact(other) {
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(false),
                outcome => outcome.map_err(LayerError::file("read", path))?,
            }
            if buffers.0[..length] != *other {
                return Ok(false);
            }
        }
    }

    /// Sorts what was found, leaves out directories without changes and pairs hard links.
    fn listing(mut self) -> Result<Listing, LayerError> {
        self.found.sort_by(|a, b| a.entry.path.cmp(&b.entry.path));
        // Backwards, what was listed last stands below a directory exactly when anything listed does.
        let mut kept: Vec<Found> = Vec::new();
        while let Some(found) = self.found.pop() {
            let holds = || kept.last().is_some_and(|next| next.entry.path.below(&found.entry.path).is_some());
            if found.changed || holds() {
                kept.push(found);
            }
        }
        let mut first_names: HashMap<(u64, u64), TreePath> = HashMap::new();
        let entries = kept.into_iter().rev().map(|found| pair(found, &mut first_names)).collect();
        Ok(Listing::from_sorted(entries)?)
    }
}

/// Makes further names of a file links to its first one.
fn pair(found: Found, first_names: &mut HashMap<(u64, u64), TreePath>) -> Entry {
    let Found { mut entry, inode, .. } = found;
    let Some(inode) = inode.filter(|_| matches!(entry.kind, Kind::File { .. })) else { return entry };
    match first_names.get(&inode) {
        Some(to) => {
            entry.kind = Kind::HardLink { to: to.clone() };
            entry.xattrs.clear();
        }
        None => {
            first_names.insert(inode, entry.path.clone());
        }
    }
    entry
}

fn times(stat: &Stat) -> (i64, u64) {
    (stat.st_mtime, stat.st_mtime_nsec)
}

fn is_whiteout(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == 0
}

/// Returns whether overlayfs marked a directory as hiding what is below it; user namespaces use the second name.
fn is_opaque(directory: BorrowedFd<'_>) -> rustix::io::Result<bool> {
    for name in ["trusted.overlay.opaque", "user.overlay.opaque"] {
        let mut value = [0; 2];
        match rustix::fs::fgetxattr(directory, name, &mut value[..]) {
            Ok(1) if value[0] == b'y' => return Ok(true),
            Ok(_) | Err(rustix::io::Errno::NODATA | rustix::io::Errno::NOTSUP | rustix::io::Errno::RANGE) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}
