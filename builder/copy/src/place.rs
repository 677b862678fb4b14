//! Decides where each selected entry goes: BuildKit's rules for destinations, as a table of outputs that nothing has written yet.

use std::collections::{BTreeMap, HashMap};

use containr_graph::{CopyKeyed, CopySource, InlineFile};
use containr_tree::{Entry, Kind, TreePath, Xattr};
use sha2::{Digest as _, Sha256};

use crate::CopyError;
use crate::chmod::{Chmod, Subject};
use crate::origin::Bridge;
use crate::owner::Owner;
use crate::select::{Group, Selection, Shape};
use crate::target::{Target, follow};

/// What will stand at one path of the delta.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) entry: Entry,
    pub(crate) content: Content,
    /// What it stands on.
    pub(crate) ground: Ground,
    /// Whether the delta has it already.
    pub(crate) state: State,
}

/// How far an output has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is only planned.
    Planned,
    /// It is on disk; a directory may lack its final mode and time.
    OnDisk,
}

/// Where the bytes of an output come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// There are none, or the entry itself holds them (a link's target).
    None,
    /// An entry of a group: (group, entry); all names of one file have the first name's position.
    Selected(usize, usize),
    /// The heredoc at this position among the sources.
    Inline(usize),
    /// They are on disk already: an archive was unpacked.
    Written,
}

/// What lies under an output in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ground {
    /// This directory of the tree below; its other entries show through.
    Existing(Box<Entry>),
    /// Nothing.
    New,
}

/// The settings of one COPY, parsed.
pub(crate) struct Rules {
    chmod: Option<Chmod>,
    chown: Option<Owner>,
    time: i64,
}

impl Rules {
    /// Parses `--chown` and `--chmod`; `time` is for directories made on the way and for heredocs.
    pub(crate) fn new(op: &CopyKeyed, target: &Target<'_>, time: i64) -> Result<Self, CopyError> {
        let parse = |text: &String| Chmod::parse(text).ok_or_else(|| CopyError::Chmod(text.clone()));
        let chmod = op.chmod.as_ref().map(parse).transpose()?;
        let chown = op.chown.as_ref().filter(|text| !text.is_empty()).map(|text| Owner::parse(text, target));
        Ok(Self { chmod, chown: chown.transpose()?, time })
    }

    /// Returns the rules of directories that belong to one user.
    pub(crate) fn owned_by(owner: Owner, time: i64) -> Self {
        Self { chmod: None, chown: Some(owner), time }
    }

    /// Returns the owner that `--chown` gives to all entries.
    pub(crate) fn chown(&self) -> Option<Owner> {
        self.chown
    }

    fn directory(&self, path: &TreePath) -> Entry {
        let owner = self.chown.unwrap_or(Owner::ROOT);
        let mode = self.chmod.as_ref().and_then(Chmod::for_new_directories).unwrap_or(0o755);
        Entry { uid: owner.uid, gid: owner.gid, ..Entry::directory(path.clone(), mode, self.time) }
    }

    /// Gives an entry its place, owner and mode.
    fn dress(&self, entry: &Entry, path: TreePath) -> Entry {
        let mut entry = Entry { path, ..entry.clone() };
        if let Some(Owner { uid, gid }) = self.chown {
            (entry.uid, entry.gid) = (uid, gid);
        }
        let subject = match entry.kind {
            Kind::Symlink { .. } => {
                entry.mode = 0o777;
                return entry;
            }
            Kind::Directory { .. } => Subject::Directory,
            _ => Subject::Other,
        };
        if let Some(chmod) = &self.chmod {
            entry.mode = chmod.apply(entry.mode, subject);
        }
        entry
    }
}

/// The delta as it is planned so far.
pub(crate) struct Draft<'a> {
    target: Target<'a>,
    rules: Rules,
    pub(crate) outputs: BTreeMap<TreePath, Output>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(target: Target<'a>, rules: Rules) -> Self {
        Self { target, rules, outputs: BTreeMap::new() }
    }

    /// Plans one group of a selection.
    pub(crate) fn place(&mut self, op: &CopyKeyed, selection: &Selection, index: usize) -> Result<(), CopyError> {
        let group = &selection.groups[index];
        let destination = self.destination(op)?;
        match &group.shape {
            Shape::Contents => self.contents(group, index, &destination),
            Shape::Single(name) => {
                let place = self.single(&destination, name)?;
                let entry = self.rules.dress(&group.listing.entries()[0], place);
                let content = if is_file(&entry) { Content::Selected(index, 0) } else { Content::None };
                self.put(entry, content)
            }
            Shape::Inline(position) => {
                let CopySource::Inline(file) = &op.sources[*position] else {
                    unreachable!("the shape was made from this source")
                };
                let place = self.single(&destination, file.name.as_bytes())?;
                let entry = self.rules.dress(&inline_entry(file, self.rules.time), place);
                self.put(entry, Content::Inline(*position))
            }
        }
    }

    /// Makes the destination a directory for an archive and returns it.
    pub(crate) fn place_archive(&mut self, op: &CopyKeyed) -> Result<TreePath, CopyError> {
        let path = self.follow(&wanted(op)?)?;
        // The directory for an archive does not take the mode of `--chmod`.
        let chmod = self.rules.chmod.take();
        let made = self.make_directories(&path);
        self.rules.chmod = chmod;
        made.map(|()| path)
    }

    /// Returns the owner that `--chown` gives.
    pub(crate) fn chown(&self) -> Option<Owner> {
        self.rules.chown()
    }

    /// Returns what is planned so far as the entries of a listing.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let links = self.links();
        let entry = |(path, output): (&TreePath, &Output)| match links.get(path) {
            Some(to) => Entry { kind: Kind::HardLink { to: to.clone() }, ..output.entry.clone() },
            None => output.entry.clone(),
        };
        self.outputs.iter().map(entry).collect()
    }

    /// Takes over what is on disk after an archive was unpacked.
    pub(crate) fn adopt_written(&mut self, entries: Vec<Entry>) -> Result<(), CopyError> {
        let before: HashMap<TreePath, Entry> =
            self.entries().into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        for entry in entries {
            if before.get(&entry.path) == Some(&entry) {
                continue;
            }
            let ground = self.ground(&entry)?;
            let (content, state) = (Content::Written, State::OnDisk);
            self.outputs.insert(entry.path.clone(), Output { entry, content, ground, state });
        }
        Ok(())
    }

    /// Makes all directories of a path that is free of links; existing ones are taken over as they are.
    pub(crate) fn make_directories(&mut self, path: &TreePath) -> Result<(), CopyError> {
        let mut at = TreePath::root();
        for component in path.components() {
            at = at.join(component);
            if let Some(output) = self.outputs.get(&at) {
                if !is_directory(&output.entry) {
                    return Err(CopyError::NotADirectory(at));
                }
                continue;
            }
            let (entry, ground) = match self.entry(&at)? {
                Some(entry) if is_directory(&entry) => (entry.clone(), Ground::Existing(Box::new(entry))),
                Some(_) => return Err(CopyError::NotADirectory(at)),
                None => (self.rules.directory(&at), Ground::New),
            };
            self.insert(entry, Content::None, ground);
        }
        Ok(())
    }

    /// Returns the path with the links of the target, and of what was placed before, followed.
    pub(crate) fn follow(&self, path: &TreePath) -> Result<TreePath, CopyError> {
        follow(path, |at| self.entry(at))
    }

    /// Returns the destination with links followed, its directory made where the word asks for one.
    fn destination(&mut self, op: &CopyKeyed) -> Result<TreePath, CopyError> {
        let path = wanted(op)?;
        let directory = op.destination.ends_with('/') || op.destination.ends_with("/.");
        let needed = if directory { Some(path.clone()) } else { path.parent() };
        if let Some(needed) = needed {
            let needed = self.follow(&needed)?;
            self.make_directories(&needed)?;
        }
        self.follow(&path)
    }

    /// Returns where something that is no directory goes: into a directory that is there, else to the path itself.
    fn single(&mut self, destination: &TreePath, name: &[u8]) -> Result<TreePath, CopyError> {
        let inside = destination.is_root() || self.entry(destination)?.as_ref().is_some_and(is_directory);
        let place = if inside { destination.join(name) } else { destination.clone() };
        self.make_directories(&place.parent().unwrap_or_default())?;
        Ok(place)
    }

    fn contents(&mut self, group: &Group, index: usize, destination: &TreePath) -> Result<(), CopyError> {
        self.make_directories(destination)?;
        let entries = group.listing.entries();
        if let Some(top) = self.outputs.get_mut(destination) {
            top.entry.mtime = entries[0].mtime;
        }
        for (position, entry) in entries.iter().enumerate().skip(1) {
            let dressed = self.rules.dress(entry, destination.join(entry.path.bytes()));
            match &entry.kind {
                Kind::Directory { .. } => self.merge(dressed, group.origins[position].bridge)?,
                Kind::HardLink { to } => self.put_link(dressed, (group, index), to)?,
                Kind::File { .. } => self.put(dressed, Content::Selected(index, position))?,
                _ => self.put(dressed, Content::None)?,
            }
        }
        Ok(())
    }

    /// Places a directory of a copied tree.
    fn merge(&mut self, mut entry: Entry, bridge: Bridge) -> Result<(), CopyError> {
        let mut ground = Ground::New;
        if let Some(existing) = self.entry(&entry.path)? {
            if !is_directory(&existing) {
                return Err(CopyError::NotADirectory(entry.path));
            }
            ground = match self.outputs.get(&entry.path) {
                Some(output) => output.ground.clone(),
                None => Ground::Existing(Box::new(existing.clone())),
            };
            entry.xattrs = merged_xattrs(&existing.xattrs, &entry.xattrs);
            if bridge == Bridge::Unpicked {
                // A directory that only leads on gives its mode alone to one that is there.
                entry = Entry { mode: entry.mode, ..existing };
            }
        }
        self.insert(entry, Content::None, ground);
        Ok(())
    }

    /// Places a further name of a file; [`Draft::links`] tells whether it is still a link at the end.
    fn put_link(&mut self, mut entry: Entry, group: (&Group, usize), to: &TreePath) -> Result<(), CopyError> {
        let (group, index) = group;
        let first = group.listing.entries().partition_point(|entry| entry.path < *to);
        entry.kind = group.listing.entries()[first].kind.clone();
        self.put(entry, Content::Selected(index, first))
    }

    /// Places anything but a directory.
    fn put(&mut self, entry: Entry, content: Content) -> Result<(), CopyError> {
        if entry.path.is_root() || self.entry(&entry.path)?.as_ref().is_some_and(is_directory) {
            return Err(CopyError::DirectoryInTheWay(entry.path));
        }
        self.insert(entry, content, Ground::New);
        Ok(())
    }

    fn insert(&mut self, entry: Entry, content: Content, ground: Ground) {
        let path = entry.path.clone();
        // A directory that is on disk stays there; anything else is made anew.
        let known = self.outputs.get(&path).filter(|old| is_directory(&old.entry) && is_directory(&entry));
        let state = known.map_or(State::Planned, |old| old.state);
        self.outputs.insert(path, Output { entry, content, ground, state });
    }

    /// Returns what stands at a path after all that was placed so far.
    fn entry(&self, path: &TreePath) -> Result<Option<Entry>, CopyError> {
        if let Some(output) = self.outputs.get(path) {
            return Ok(Some(output.entry.clone()));
        }
        let above = path.parent().and_then(|parent| self.outputs.get(&parent));
        match above {
            Some(Output { ground: Ground::New, .. }) => Ok(None),
            _ => self.target.entry(path),
        }
    }

    fn ground(&self, entry: &Entry) -> Result<Ground, CopyError> {
        if let Some(output) = self.outputs.get(&entry.path) {
            return Ok(output.ground.clone());
        }
        let existing = self.entry(&entry.path)?.filter(is_directory);
        Ok(existing.map_or(Ground::New, |entry| Ground::Existing(Box::new(entry))))
    }

    /// Returns the further names of files with several, each with the first name that is still the same file.
    pub(crate) fn links(&self) -> HashMap<TreePath, TreePath> {
        let mut first: HashMap<(usize, usize), &TreePath> = HashMap::new();
        let mut links = HashMap::new();
        for (path, output) in &self.outputs {
            let Content::Selected(group, position) = output.content else { continue };
            let first = *first.entry((group, position)).or_insert(path);
            if first != path {
                links.insert(path.clone(), first.clone());
            }
        }
        links
    }

    /// Forgets directories of the target that stay as they are and lead to nothing: a new time alone is no change.
    pub(crate) fn forget_untouched(&mut self) {
        let mut kept: Option<TreePath> = None;
        let mut untouched = Vec::new();
        for (path, output) in self.outputs.iter().rev() {
            let same = |below: &Entry| {
                let Entry { path: _, kind: _, mode, uid, gid, mtime: _, xattrs } = below;
                let entry = &output.entry;
                (*mode, *uid, *gid, xattrs) == (entry.mode, entry.uid, entry.gid, &entry.xattrs)
            };
            let leads = kept.as_ref().is_some_and(|below| below.below(path).is_some());
            let idle = matches!(&output.ground, Ground::Existing(below) if same(below));
            if idle && !leads && output.state == State::Planned {
                untouched.push(path.clone());
            } else {
                kept = Some(path.clone());
            }
        }
        for path in untouched {
            self.outputs.remove(&path);
        }
    }
}

/// Returns the destination cleaned by name.
fn wanted(op: &CopyKeyed) -> Result<TreePath, CopyError> {
    TreePath::clamped(op.destination.as_bytes()).map_err(|error| CopyError::Nul(error.to_string()))
}

pub(crate) fn is_directory(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Directory { .. })
}

fn is_file(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::File { .. })
}

fn inline_entry(file: &InlineFile, time: i64) -> Entry {
    let InlineFile { name: _, content, mode } = file;
    let kind = Kind::File { size: content.len() as u64, digest: Some(Sha256::digest(content).into()) };
    Entry { kind, ..Entry::directory(TreePath::root(), *mode, time) }
}

/// Returns the attributes of both, the source's where names are equal.
fn merged_xattrs(below: &[Xattr], above: &[Xattr]) -> Vec<Xattr> {
    let all: BTreeMap<_, _> = below.iter().chain(above).map(|(name, value)| (name.clone(), value.clone())).collect();
    all.into_iter().collect()
}
