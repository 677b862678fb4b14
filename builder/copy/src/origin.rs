//! The trees that files are copied from: a directory of the user's, or the result of a step known by its listings.

mod context;
mod view;

use std::sync::Arc;

use containr_tree::{Entry, Kind, Listing, Stat, TreePath};

pub use context::{Context, Verdict};
pub use view::View;

use crate::CopyError;
use crate::resolve::{Standing, resolve};

/// Where a COPY takes its files from.
#[derive(Debug)]
pub enum Source<'a> {
    /// A directory of the user's, read in place.
    Context(Context<'a>),
    /// The result of a step or an image.
    View(View<'a>),
    /// No tree at all: all sources are inline.
    Nothing,
}

impl<'a> Source<'a> {
    /// Returns the source of a step's tree by the listings of its deltas, lowest first.
    pub fn view(listings: &'a [Arc<Listing>]) -> Self {
        Self::View(View::new(listings))
    }
}

/// One entry of an origin.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The entry with its path in the origin; hard links are told by `identity`, not by the kind.
    pub(crate) entry: Entry,
    /// What a later fstat must find again.
    pub(crate) stamp: Option<Stat>,
    /// Equal for all names of one file that has several.
    pub(crate) identity: Option<(u64, u64)>,
    /// Whether the directory is only there for what lies below it.
    pub(crate) bridge: Bridge,
}

/// Whether a directory was asked for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bridge {
    /// It was.
    No,
    /// The ignore rules hide it, and it may lead to something that they show.
    Hidden,
    /// Patterns leave it out, and it may lead to something that they take.
    Unpicked,
}

/// What a walk does with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// It is taken.
    Take,
    /// It is left out, with all below it.
    Skip,
    /// It is left out unless something below it is taken.
    Descend,
}

impl Source<'_> {
    /// Returns the entry at a path whose directories are no links.
    pub(crate) fn lookup(&self, path: &TreePath) -> Result<Option<Node>, CopyError> {
        match self {
            Self::Context(context) => context.lookup(path),
            Self::View(view) => Ok(view.lookup(path)),
            Self::Nothing => Ok(None),
        }
    }

    /// Returns the names in a directory, hidden ones left out, in any order.
    pub(crate) fn names(&self, directory: &TreePath) -> Vec<Box<[u8]>> {
        match self {
            Self::Context(context) => context.names(directory),
            Self::View(view) => view.names(directory),
            Self::Nothing => Vec::new(),
        }
    }

    /// Returns the entries below a directory in order, as `pick` chooses by the path relative to it.
    pub(crate) fn walk(
        &self,
        directory: &TreePath,
        pick: &(dyn Fn(&[u8], &Kind) -> Pick + Sync),
    ) -> Result<Vec<Node>, CopyError> {
        let mut nodes = self.walk_with_bridges(directory, pick)?;
        drop_useless_bridges(&mut nodes);
        Ok(nodes)
    }

    /// Returns what [`Source::walk`] does, and all directories that were passed through for nothing.
    pub(crate) fn walk_with_bridges(
        &self,
        directory: &TreePath,
        pick: &(dyn Fn(&[u8], &Kind) -> Pick + Sync),
    ) -> Result<Vec<Node>, CopyError> {
        match self {
            Self::Context(context) => context.walk(directory, pick),
            Self::View(view) => Ok(view.walk(directory, pick)),
            Self::Nothing => Ok(Vec::new()),
        }
    }

    /// Fills in the digests that are not known yet.
    pub(crate) fn digests(&self, nodes: &mut [Node]) -> Result<(), CopyError> {
        match self {
            Self::Context(context) => context.digests(nodes),
            Self::View(_) | Self::Nothing => Ok(()),
        }
    }

    /// Returns the path with all links followed inside the origin.
    pub(crate) fn follow(&self, path: &TreePath) -> Result<TreePath, CopyError> {
        resolve(path, |at| {
            Ok(match self.lookup(at)? {
                None => Standing::Missing,
                Some(Node { entry: Entry { kind: Kind::Symlink { target }, .. }, .. }) => Standing::Link(target),
                Some(_) => Standing::Other,
            })
        })
    }
}

/// Drops bridges that lead to nothing; nodes stand in depth-first order.
fn drop_useless_bridges(nodes: &mut Vec<Node>) {
    let mut kept: Option<TreePath> = None;
    let mut keep = vec![true; nodes.len()];
    for (index, node) in nodes.iter().enumerate().rev() {
        let leads = kept.as_ref().is_some_and(|below| below.below(&node.entry.path).is_some());
        keep[index] = node.bridge == Bridge::No || leads;
        if keep[index] {
            kept = Some(node.entry.path.clone());
        }
    }
    let mut keep = keep.into_iter();
    nodes.retain(|_| keep.next().expect("one flag a node"));
}
