//! Selects what a COPY takes: no byte is written, and the digest of the selection names the files as an input.

use containr_glob::{Glob, has_wildcards};
use containr_graph::{CopyKeyed, CopyKind, CopySource};
use containr_oci::{Digest, Hasher};
use containr_tree::{Entry, Kind, Listing, Stat, Times, TreePath};

use crate::CopyError;
use crate::missing::missing;
use crate::origin::{Bridge, Node, Pick, Source};
use crate::patterns::Patterns;

/// The files that a COPY takes, with their digests.
#[derive(Debug)]
pub struct Selection {
    pub(crate) groups: Vec<Group>,
    digest: Digest,
}

/// What one match of one source word brings.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) shape: Shape,
    /// The match itself (with the root's path), then what lies below it; paths are relative to the match.
    pub(crate) listing: Listing,
    /// Beside each entry of the listing: where its bytes are.
    pub(crate) origins: Vec<Found>,
}

/// How a group meets its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A directory: its contents go into the destination.
    Contents,
    /// Something else: it goes to the destination, or into it under this name.
    Single(Box<[u8]>),
    /// A heredoc with this position among the sources; the listing is empty.
    Inline(usize),
}

/// Where a selected entry was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) path: TreePath,
    pub(crate) stamp: Option<Stat>,
    pub(crate) bridge: Bridge,
}

impl Selection {
    /// Returns the identity of the selected files: the input of the step's key.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the name of what was selected when it is one entry that is no directory.
    pub fn single_name(&self) -> Option<&[u8]> {
        match self.groups.as_slice() {
            [Group { shape: Shape::Single(name), .. }] => Some(name),
            _ => None,
        }
    }
}

/// Selects the files of a COPY or ADD; `epoch` is the clamping time of a reproducible build.
///
/// # Errors
/// A source that is missing, unreadable or a device, names that begin with `.wh.`, malformed patterns.
pub fn select(op: &CopyKeyed, source: &Source<'_>, epoch: Option<i64>) -> Result<Selection, CopyError> {
    let excludes = Patterns::new(&op.excludes)?;
    let request = Request { op, source, excludes: &excludes };
    let mut groups = Vec::new();
    let mut hasher = Hasher::sha256();
    for (position, word) in op.sources.iter().enumerate() {
        let before = groups.len();
        match word {
            CopySource::Inline(_) => {
                let shape = Shape::Inline(position);
                groups.push(Group { shape, listing: Listing::default(), origins: Vec::new() });
            }
            CopySource::Path(path) if op.parents => groups.push(request.parents(path)?),
            CopySource::Path(path) => request.matches(path, &mut groups)?,
        }
        hasher.update(&((groups.len() - before) as u64).to_le_bytes());
        for group in &mut groups[before..] {
            group.frame(epoch, &mut hasher);
        }
    }
    Ok(Selection { groups, digest: hasher.finish() })
}

impl Group {
    /// Feeds the group's shape and the digest of its listing.
    fn frame(&mut self, epoch: Option<i64>, hasher: &mut Hasher) {
        let (tag, name): (u8, &[u8]) = match &self.shape {
            Shape::Contents => (0, b""),
            Shape::Single(name) => (1, name),
            Shape::Inline(_) => (2, b""),
        };
        hasher.update(&[tag]);
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name);
        if let Some(epoch) = epoch {
            self.listing.entries_mut().iter_mut().for_each(|entry| entry.mtime = entry.mtime.min(epoch));
        }
        let times = if epoch.is_some() { Times::Keyed } else { Times::Ignored };
        hasher.update(self.listing.digest(times).bytes());
    }
}

struct Request<'a, 's> {
    op: &'a CopyKeyed,
    source: &'a Source<'s>,
    excludes: &'a Patterns,
}

impl Request<'_, '_> {
    /// Selects all matches of one word.
    fn matches(&self, word: &str, groups: &mut Vec<Group>) -> Result<(), CopyError> {
        let wanted = clamp(word)?;
        for path in self.expand(&wanted)? {
            let real = self.source.follow(&path)?;
            let Some(node) = self.source.lookup(&real)? else {
                return Err(missing(self.source, word, &path));
            };
            let group = if matches!(node.entry.kind, Kind::Directory { .. }) {
                self.directory(node, self.excludes)?
            } else {
                self.group(Shape::Single(path.file_name().into()), vec![node], &real)?
            };
            groups.push(group);
        }
        Ok(())
    }

    /// Returns the paths that a word names: itself, or the matches of its wildcards in order.
    fn expand(&self, wanted: &TreePath) -> Result<Vec<TreePath>, CopyError> {
        let components: Vec<&[u8]> = wanted.components().collect();
        let Some(first) = components.iter().position(|c| has_wildcards(c)) else { return Ok(vec![wanted.clone()]) };
        let fixed = TreePath::clamped(&components[..first].join(&b'/')).map_err(|error| nul(&error))?;
        let fixed = self.source.follow(&fixed)?;
        // A malformed pattern matches nothing, as in Go's walk.
        let Ok(glob) = Glob::new(&components[first..].join(&b'/')) else { return Ok(Vec::new()) };
        let depth = components.len() - first;
        // What matches is not entered: a pattern of n components can only match at depth n.
        let pick = |relative: &[u8], kind: &Kind| {
            let level = relative.iter().filter(|b| **b == b'/').count() + 1;
            match (glob.matches(relative), kind) {
                (true, _) => Pick::Take,
                (false, Kind::Directory { .. }) if level < depth => Pick::Descend,
                (false, _) => Pick::Skip,
            }
        };
        let mut paths: Vec<TreePath> = Vec::new();
        for node in self.source.walk_with_bridges(&fixed, &pick)? {
            let path = node.entry.path;
            let inside = paths.last().is_some_and(|last| path.below(last).is_some());
            // A directory that the ignore rules hide is there all the same when something below it is.
            let seen = match node.bridge {
                Bridge::No => true,
                Bridge::Hidden => self.source.lookup(&path)?.is_some(),
                Bridge::Unpicked => false,
            };
            if seen && !inside {
                paths.push(path);
            }
        }
        Ok(paths)
    }

    fn directory(&self, top: Node, excludes: &Patterns) -> Result<Group, CopyError> {
        let real = top.entry.path.clone();
        let pick = |relative: &[u8], kind: &Kind| pick_excluded(excludes, relative, kind);
        let mut nodes = vec![top];
        nodes.append(&mut self.source.walk(&real, &pick)?);
        self.group(Shape::Contents, nodes, &real)
    }

    /// Selects one word of `--parents`: everything below the pivot that the rest of the word matches.
    fn parents(&self, word: &str) -> Result<Group, CopyError> {
        let (base, rest) = word.split_once("/./").unwrap_or(("/", word));
        let pattern = clamp(rest)?;
        if pattern.is_root() {
            return Err(CopyError::ParentsSource(word.to_owned()));
        }
        let shown = String::from_utf8_lossy(pattern.bytes()).into_owned();
        let includes = Patterns::new(&[shown])?;
        let base = clamp(base)?;
        let real = self.source.follow(&base)?;
        let top = self.source.lookup(&real)?.ok_or_else(|| missing(self.source, word, &base))?;
        let pick = |relative: &[u8], kind: &Kind| match (
            includes.matches(relative),
            pick_excluded(self.excludes, relative, kind),
        ) {
            (_, Pick::Skip) => Pick::Skip,
            (true, picked) => picked,
            (false, _) => Pick::Descend,
        };
        let mut nodes = vec![top];
        nodes.append(&mut self.source.walk(&real, &pick)?);
        let plain = !has_wildcards(pattern.bytes()) && !has_wildcards(base.bytes());
        if plain && self.source.lookup(&real.join(pattern.bytes()))?.is_none() {
            return Err(missing(self.source, word, &base.join(pattern.bytes())));
        }
        self.group(Shape::Contents, nodes, &real)
    }

    /// Makes a group of nodes at and below `top`: digests, owners and attributes as they will be, hard links.
    fn group(&self, shape: Shape, mut nodes: Vec<Node>, top: &TreePath) -> Result<Group, CopyError> {
        for node in &nodes {
            let path = &node.entry.path;
            if path.file_name().starts_with(b".wh.") && (path != top || shape != Shape::Contents) {
                return Err(CopyError::WhiteoutName(path.clone()));
            }
            let device = matches!(node.entry.kind, Kind::CharDevice { .. } | Kind::BlockDevice { .. });
            if device && self.op.kind != CopyKind::CopyFrom {
                return Err(CopyError::Device(path.clone()));
            }
        }
        self.source.digests(&mut nodes)?;
        let mut origins = Vec::with_capacity(nodes.len());
        let mut entries = Vec::with_capacity(nodes.len());
        let mut links = std::collections::HashMap::new();
        for Node { mut entry, stamp, identity, bridge } in nodes {
            let path = entry.path.clone();
            let relative = path.below(top).expect("nodes stand below the match");
            entry.path = TreePath::root().join(relative);
            self.normalize(&mut entry);
            if let Some(identity) = identity {
                let first = links.entry(identity).or_insert_with(|| entry.path.clone());
                if *first != entry.path {
                    entry.kind = Kind::HardLink { to: first.clone() };
                }
            }
            origins.push(Found { path, stamp, bridge });
            entries.push(entry);
        }
        Ok(Group { shape, listing: Listing::from_sorted(entries)?, origins })
    }

    /// Makes owner and attributes what they will be in the result.
    fn normalize(&self, entry: &mut Entry) {
        if self.op.kind != CopyKind::CopyFrom || self.op.chown.is_some() {
            (entry.uid, entry.gid) = (0, 0);
        }
        match self.op.kind {
            CopyKind::CopyFrom => entry.xattrs.retain(|(name, _)| **name == *b"security.capability"),
            CopyKind::CopyContext | CopyKind::Add => entry.xattrs.clear(),
        }
    }
}

fn pick_excluded(excludes: &Patterns, relative: &[u8], kind: &Kind) -> Pick {
    let directory = matches!(kind, Kind::Directory { .. });
    match excludes.matches(relative) {
        false => Pick::Take,
        true if directory && excludes.has_exceptions() => Pick::Descend,
        true => Pick::Skip,
    }
}

fn clamp(path: &str) -> Result<TreePath, CopyError> {
    TreePath::clamped(path.as_bytes()).map_err(|error| nul(&error))
}

fn nul(error: &containr_tree::PathError) -> CopyError {
    CopyError::Nul(error.to_string())
}
