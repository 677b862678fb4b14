//! A delta that grows member by member: what stands where, how names resolve, and the listing at the end.
//!
//! Names are resolved in the merged view of the delta and the tree below it, as a reader of the finished image would see
//! it: a layer may say `lib/x` where an earlier layer made `lib` a link. Resolution stays at the root and is done by name on
//! what is known of the delta, so the file system never gets to follow a link.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};

use containr_tree::{Entry, Kind, Listing, TreePath};
use rustix::fs::OFlags;
use sha2::Digest as _;

use super::place::Placer;
use super::{Destination, Marks, Missing};
use crate::{LayerError, attributes};

/// How many links one name may lead through, as the kernel has it.
const LINKS: usize = 40;

/// What stands at a path of the delta.
enum Slot {
    /// A name of the file with this index.
    File(usize),
    /// Anything else.
    Other(Entry),
}

/// What stands at a path of the merged view.
enum Seen {
    Absent,
    Directory,
    Link(Box<[u8]>),
    Other,
}

/// The delta under construction.
pub(crate) struct Delta<'a> {
    placer: Placer<'a>,
    below: Option<BorrowedFd<'a>>,
    marks: &'a dyn Marks,
    missing: Missing,
    slots: HashMap<TreePath, Slot>,
    /// All files by index; several slots may share one. Their paths are those of their first names.
    files: Vec<Entry>,
    /// Paths whose content below is hidden, whatever the delta has there.
    gone: HashSet<TreePath>,
    opaque: HashSet<TreePath>,
    /// The parent that was resolved last, as written and as found.
    resolved: Option<(TreePath, TreePath)>,
}

impl<'a> Delta<'a> {
    /// Returns a delta that holds nothing but the entries that `destination` has already.
    pub(crate) fn new(destination: &Destination<'a>, existing: Vec<Entry>) -> Result<Self, LayerError> {
        let mut delta = Self {
            placer: Placer::new(destination.fs)?,
            below: destination.below,
            marks: destination.marks,
            missing: destination.missing.clone(),
            slots: HashMap::new(),
            files: Vec::new(),
            gone: HashSet::new(),
            opaque: HashSet::new(),
            resolved: None,
        };
        for entry in existing {
            delta.adopt(entry)?;
        }
        Ok(delta)
    }

    fn adopt(&mut self, entry: Entry) -> Result<(), LayerError> {
        let path = entry.path.clone();
        let slot = match &entry.kind {
            Kind::Whiteout => {
                self.gone.insert(path);
                return Ok(());
            }
            Kind::HardLink { to } => match self.slots.get(to) {
                Some(Slot::File(index)) => Slot::File(*index),
                _ => return Err(member(&path, "links to an entry that is not there")),
            },
            Kind::File { .. } => {
                self.files.push(entry);
                Slot::File(self.files.len() - 1)
            }
            _ => Slot::Other(entry),
        };
        self.slots.insert(path, slot);
        Ok(())
    }

    /// Returns where `path`, as written in an archive, really is; directories that are missing on the way are made.
    pub(crate) fn locate(&mut self, path: &TreePath) -> Result<TreePath, LayerError> {
        let Some(parent) = path.parent() else { return Ok(TreePath::root()) };
        if self.resolved.as_ref().is_none_or(|(written, _)| *written != parent) {
            let found = self.resolve(&parent)?;
            self.make_parents(&found)?;
            self.resolved = Some((parent, found));
        }
        let (_, found) = self.resolved.as_ref().expect("it was resolved just now");
        Ok(found.join(path.file_name()))
    }

    fn resolve(&self, path: &TreePath) -> Result<TreePath, LayerError> {
        let mut todo: Vec<Box<[u8]>> = path.components().rev().map(Into::into).collect();
        let mut at = TreePath::root();
        let mut links = 0;
        while let Some(name) = todo.pop() {
            if &*name == b".." {
                at = at.parent().unwrap_or_default();
                continue;
            }
            let next = at.join(&name);
            match self.look(&next)? {
                Seen::Directory => at = next,
                Seen::Absent if links > 0 && !self.missing.may_follow(&next) => {
                    return Err(member(path, "leads through a link to a directory that is not there"));
                }
                Seen::Absent => at = next,
                Seen::Other => return Err(member(path, "lies below something that is no directory")),
                Seen::Link(target) => {
                    links += 1;
                    if links > LINKS {
                        return Err(member(path, "leads through too many links"));
                    }
                    if target.starts_with(b"/") {
                        at = TreePath::root();
                    }
                    let parts = target.split(|b| *b == b'/').filter(|part| !part.is_empty() && *part != b".");
                    todo.extend(parts.rev().map(Box::from));
                }
            }
        }
        Ok(at)
    }

    fn look(&self, path: &TreePath) -> Result<Seen, LayerError> {
        match self.slots.get(path) {
            Some(Slot::Other(Entry { kind: Kind::Directory { .. }, .. })) => return Ok(Seen::Directory),
            Some(Slot::Other(Entry { kind: Kind::Symlink { target }, .. })) => return Ok(Seen::Link(target.clone())),
            Some(_) => return Ok(Seen::Other),
            None if path.is_root() => return Ok(Seen::Directory),
            None => {}
        }
        let Some(entry) = self.entry_below(path)? else { return Ok(Seen::Absent) };
        Ok(match entry.kind {
            Kind::Directory { .. } => Seen::Directory,
            Kind::Symlink { target } => Seen::Link(target),
            _ => Seen::Other,
        })
    }

    /// Returns what the tree below has at `path`, unless the delta hides it.
    fn entry_below(&self, path: &TreePath) -> Result<Option<Entry>, LayerError> {
        let Some(below) = self.below.filter(|_| !self.is_hidden(path)) else { return Ok(None) };
        let fail = |error| LayerError::file("look at", path)(error);
        let Some(stat) = attributes::stat(below, path).map_err(fail)? else { return Ok(None) };
        let parent = path.parent().unwrap_or_default();
        let directory = attributes::open_directory(below, &parent).map_err(LayerError::file("open", &parent))?;
        attributes::entry(directory.as_fd(), path.file_name(), path.clone(), &stat)
            .map_err(LayerError::file("look at", path))
    }

    fn is_hidden(&self, path: &TreePath) -> bool {
        if self.gone.contains(path) {
            return true;
        }
        let mut at = path.parent();
        while let Some(ancestor) = at {
            if self.gone.contains(&ancestor) || self.opaque.contains(&ancestor) {
                return true;
            }
            at = ancestor.parent();
        }
        false
    }

    /// Makes the directory `path` and what is missing above it, looking like those below where there are some.
    fn make_parents(&mut self, path: &TreePath) -> Result<(), LayerError> {
        let mut missing = Vec::new();
        let mut at = path.clone();
        while !at.is_root() && !self.slots.contains_key(&at) {
            missing.push(at.clone());
            at = at.parent().unwrap_or_default();
        }
        for path in missing.into_iter().rev() {
            let seen = self.entry_below(&path)?.filter(|entry| matches!(entry.kind, Kind::Directory { .. }));
            let entry = seen.unwrap_or_else(|| self.missing.directory(path.clone()));
            self.placer.make_directory(&path)?;
            self.slots.insert(path, Slot::Other(entry));
        }
        Ok(())
    }

    /// Makes room at `path`; later members of an archive win over earlier ones.
    fn clear(&mut self, path: &TreePath) -> Result<(), LayerError> {
        let Some(slot) = self.slots.remove(path) else { return Ok(()) };
        self.placer.remove(path)?;
        if matches!(slot, Slot::Other(Entry { kind: Kind::Directory { .. }, .. })) {
            self.slots.retain(|other, _| other.below(path).is_none());
        }
        self.gone.insert(path.clone());
        self.resolved = None;
        Ok(())
    }

    /// Puts a directory at its place or gives the one that is there new attributes.
    pub(crate) fn directory(&mut self, entry: Entry) -> Result<(), LayerError> {
        let known =
            matches!(self.slots.get(&entry.path), Some(Slot::Other(Entry { kind: Kind::Directory { .. }, .. })));
        if !known && !entry.path.is_root() {
            self.clear(&entry.path)?;
            self.placer.make_directory(&entry.path)?;
        }
        self.resolved = None;
        self.slots.insert(entry.path.clone(), Slot::Other(entry));
        Ok(())
    }

    /// Puts a file at its place; `copy` writes its content and returns the digest.
    pub(crate) fn file(
        &mut self,
        mut entry: Entry,
        copy: impl FnOnce(&mut File) -> Result<[u8; 32], LayerError>,
    ) -> Result<(), LayerError> {
        self.clear(&entry.path)?;
        let mut file = File::from(self.placer.create(&entry.path)?);
        let hash = copy(&mut file)?;
        if let Kind::File { digest, .. } = &mut entry.kind {
            *digest = Some(hash);
        }
        self.placer.finish(file.as_fd(), &entry)?;
        self.slots.insert(entry.path.clone(), Slot::File(self.files.len()));
        self.files.push(entry);
        Ok(())
    }

    /// Puts a symbolic link, a device or a pipe at its place.
    pub(crate) fn special(&mut self, entry: Entry) -> Result<(), LayerError> {
        self.clear(&entry.path)?;
        self.placer.make_special(&entry)?;
        self.resolved = None;
        self.slots.insert(entry.path.clone(), Slot::Other(entry));
        Ok(())
    }

    /// Makes `path` another name of `to`, both located.
    pub(crate) fn link(&mut self, path: &TreePath, to: &TreePath) -> Result<(), LayerError> {
        if path == to {
            return Err(member(path, "is a link to itself"));
        }
        self.clear(path)?;
        if !self.slots.contains_key(to) {
            self.copy_up(to)?;
        }
        match self.slots.get(to) {
            Some(Slot::File(index)) => {
                let index = *index;
                self.placer.link(to, path)?;
                self.slots.insert(path.clone(), Slot::File(index));
                Ok(())
            }
            Some(Slot::Other(entry)) if !matches!(entry.kind, Kind::Directory { .. }) => {
                let copy = Entry { path: path.clone(), ..entry.clone() };
                self.special(copy)
            }
            _ => Err(member(path, "is a link to a directory")),
        }
    }

    /// Copies a file from the tree below, which a link of this delta names.
    fn copy_up(&mut self, path: &TreePath) -> Result<(), LayerError> {
        let entry = self.entry_below(path)?.ok_or_else(|| member(path, "is linked to and is not there"))?;
        let below = self.below.expect("an entry below was found");
        match entry.kind {
            Kind::File { .. } => {
                let source = attributes::open(below, path, OFlags::RDONLY).map_err(LayerError::file("open", path))?;
                self.file(entry, |target| copy_and_hash(&mut File::from(source), target, path))
            }
            Kind::Directory { .. } => Err(member(path, "is linked to and is a directory")),
            _ => self.special(entry),
        }
    }

    /// Hides what earlier deltas have at `path`.
    pub(crate) fn whiteout(&mut self, path: TreePath) {
        self.resolved = None;
        self.gone.insert(path);
    }

    /// Hides what earlier deltas have below the directory `path`, which is made when it is missing.
    pub(crate) fn make_opaque(&mut self, path: TreePath) -> Result<(), LayerError> {
        self.make_parents(&path)?;
        self.resolved = None;
        self.opaque.insert(path);
        Ok(())
    }

    /// Writes the marks, gives all directories their final modes and returns what the delta holds.
    pub(crate) fn finish(mut self) -> Result<Listing, LayerError> {
        self.mark()?;
        let mut slots: Vec<(TreePath, Slot)> = self.slots.into_iter().collect();
        slots.sort_by(|a, b| a.0.cmp(&b.0));
        for (_, slot) in slots.iter().rev() {
            if let Slot::Other(entry) = slot
                && matches!(entry.kind, Kind::Directory { .. })
            {
                self.placer.finish_directory(entry)?;
            }
        }
        let mut first_names: Vec<Option<TreePath>> = vec![None; self.files.len()];
        let entries = slots.into_iter().map(|(path, slot)| match slot {
            Slot::Other(entry) => entry,
            Slot::File(index) => name_of_file(&self.files[index], &mut first_names[index], path),
        });
        Ok(Listing::from_sorted(entries.collect())?)
    }

    fn mark(&mut self) -> Result<(), LayerError> {
        let mut gone: Vec<TreePath> = std::mem::take(&mut self.gone).into_iter().collect();
        gone.sort();
        for path in gone {
            match self.slots.get(&path) {
                Some(Slot::Other(Entry { kind: Kind::Directory { .. }, .. })) => {
                    self.opaque.insert(path);
                }
                Some(_) => {}
                // Where the parent is no directory of the delta any more, all of it is hidden already.
                None if self.has_directory(&path.parent().unwrap_or_default()) => {
                    self.marks.whiteout(&path).map_err(LayerError::file("hide", &path))?;
                    self.slots.insert(path.clone(), Slot::Other(Entry::whiteout(path)));
                }
                None => {}
            }
        }
        for path in &self.opaque {
            if let Some(Slot::Other(Entry { kind: Kind::Directory { opaque }, .. })) = self.slots.get_mut(path) {
                *opaque = true;
                self.marks.opaque(path).map_err(LayerError::file("hide what is below", path))?;
            }
        }
        Ok(())
    }

    fn has_directory(&self, path: &TreePath) -> bool {
        let slot = self.slots.get(path);
        path.is_root() || matches!(slot, Some(Slot::Other(Entry { kind: Kind::Directory { .. }, .. })))
    }
}

/// Returns the entry for one name of a file: the first in order is the file, the others are links to it.
fn name_of_file(file: &Entry, first: &mut Option<TreePath>, path: TreePath) -> Entry {
    let Some(to) = first else {
        *first = Some(path.clone());
        return Entry { path, ..file.clone() };
    };
    Entry { path, kind: Kind::HardLink { to: to.clone() }, xattrs: Vec::new(), ..file.clone() }
}

fn copy_and_hash(source: &mut File, target: &mut File, path: &TreePath) -> Result<[u8; 32], LayerError> {
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let length = source.read(&mut buffer).map_err(LayerError::file("read", path))?;
        if length == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..length]);
        target.write_all(&buffer[..length]).map_err(LayerError::file("write", path))?;
    }
}

/// Returns the error of a member that no tree can hold.
pub(crate) fn member(path: &TreePath, problem: &'static str) -> LayerError {
    LayerError::Member { name: String::from_utf8_lossy(path.bytes()).into_owned(), problem }
}
