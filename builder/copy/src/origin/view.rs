//! A step's tree by its listings alone: no mount and no system call is needed to select from it.

use std::sync::Arc;

use containr_tree::{Entry, Kind, Listing, TreePath};

use super::{Bridge, Node, Pick};

/// The merged tree of several deltas.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    listings: &'a [Arc<Listing>],
}

impl<'a> View<'a> {
    /// Returns the view of deltas, lowest first.
    pub(crate) fn new(listings: &'a [Arc<Listing>]) -> Self {
        Self { listings }
    }

    pub(crate) fn lookup(&self, path: &TreePath) -> Option<Node> {
        if path.is_root() {
            return Some(self.node(0, Entry::directory(TreePath::root(), 0o755, 0), Bridge::No));
        }
        for (level, listing) in self.listings.iter().enumerate().rev() {
            match listing.get(path) {
                Some(Entry { kind: Kind::Whiteout, .. }) => return None,
                Some(entry) => return Some(self.node(level, entry.clone(), Bridge::No)),
                None => {}
            }
            let mut above = path.parent();
            while let Some(directory) = above.filter(|d| !d.is_root()) {
                if listing.get(&directory).is_some_and(hides_below) {
                    return None;
                }
                above = directory.parent();
            }
        }
        None
    }

    pub(crate) fn names(&self, directory: &TreePath) -> Vec<Box<[u8]>> {
        let one_level = |name: &[u8], _: &Kind| if name.contains(&b'/') { Pick::Skip } else { Pick::Take };
        self.walk(directory, &one_level).iter().map(|node| node.entry.path.file_name().into()).collect()
    }

    /// Merges the listings below a directory: the topmost entry wins, and what hides a subtree hides it in all below.
    pub(crate) fn walk(&self, directory: &TreePath, pick: &dyn Fn(&[u8], &Kind) -> Pick) -> Vec<Node> {
        let mut cursors = self.cursors(directory);
        let mut nodes = Vec::new();
        let mut skipped: Option<TreePath> = None;
        while let Some(path) = cursors.iter().filter_map(|c| c.rest.first()).map(|e| &e.path).min().cloned() {
            let Some((level, entry)) = take_topmost(&mut cursors, &path) else { continue };
            if skipped.as_ref().is_some_and(|s| path.below(s).is_some()) || matches!(entry.kind, Kind::Whiteout) {
                continue;
            }
            let node = self.node(level, entry.clone(), Bridge::No);
            let relative = path.below(directory).expect("the cursors stay below the directory");
            match pick(relative, &node.entry.kind) {
                Pick::Take => nodes.push(node),
                Pick::Skip => skipped = Some(path),
                Pick::Descend if matches!(node.entry.kind, Kind::Directory { .. }) => {
                    nodes.push(Node { bridge: Bridge::Unpicked, ..node });
                }
                Pick::Descend => {}
            }
        }
        nodes
    }

    /// Returns a cursor per delta that can be seen below the directory, lowest first.
    fn cursors(&self, directory: &TreePath) -> Vec<Cursor<'a>> {
        let mut cursors = Vec::new();
        for (level, listing) in self.listings.iter().enumerate().rev() {
            let under = listing.under(directory);
            let own = under.first().filter(|entry| entry.path == *directory);
            cursors.push(Cursor { level, rest: &under[usize::from(own.is_some())..], hidden: None });
            let mut above = Some(directory.clone());
            let mut hides = false;
            while let Some(at) = above.filter(|d| !d.is_root()) {
                hides |= listing.get(&at).is_some_and(hides_below);
                above = at.parent();
            }
            if hides {
                break;
            }
        }
        cursors.reverse();
        cursors
    }

    fn node(&self, level: usize, mut entry: Entry, bridge: Bridge) -> Node {
        let listing = self.listings.get(level);
        let mut identity = None;
        if let Kind::HardLink { to } = &entry.kind {
            let first = listing.and_then(|l| l.get(to));
            let first = first.expect("a hard link names an entry of its own listing");
            identity = Some(index_of(listing, &first.path));
            entry.kind = first.kind.clone();
        } else if matches!(entry.kind, Kind::File { .. }) {
            // Which files have further names is not noted at the first one; the position tells equal ones apart as well.
            identity = Some(index_of(listing, &entry.path));
        }
        let identity = identity.map(|at| (level as u64, at));
        Node { entry, stamp: None, identity, bridge }
    }
}

fn index_of(listing: Option<&Arc<Listing>>, path: &TreePath) -> u64 {
    listing.map_or(0, |l| l.entries().partition_point(|entry| entry.path < *path) as u64)
}

/// The part of one listing that is still to be merged.
struct Cursor<'a> {
    level: usize,
    rest: &'a [Entry],
    /// A path below which a higher delta hides this one.
    hidden: Option<TreePath>,
}

/// Moves all cursors past `path` and returns the topmost visible entry; it hides what it hides in the deltas below.
fn take_topmost<'a>(cursors: &mut [Cursor<'a>], path: &TreePath) -> Option<(usize, &'a Entry)> {
    let mut top = None;
    let mut hides = false;
    for cursor in cursors.iter_mut().rev() {
        if cursor.hidden.as_ref().is_some_and(|h| path.below(h).is_none()) {
            cursor.hidden = None;
        }
        let hidden = cursor.hidden.is_some();
        if hides && !hidden {
            cursor.hidden = Some(path.clone());
        }
        let Some(entry) = cursor.rest.first().filter(|entry| entry.path == *path) else { continue };
        cursor.rest = &cursor.rest[1..];
        if !hidden {
            top = top.or(Some((cursor.level, entry)));
            hides |= hides_below(entry);
        }
    }
    top
}

/// Returns whether an entry hides what deltas below it have under its path.
fn hides_below(entry: &Entry) -> bool {
    !matches!(entry.kind, Kind::Directory { opaque: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text.as_bytes()).unwrap()
    }

    fn file(name: &str, content: u8) -> Entry {
        let kind = Kind::File { size: 1, digest: Some([content; 32]) };
        Entry { kind, ..Entry::directory(path(name), 0o644, 0) }
    }

    fn directory(name: &str, opaque: bool) -> Entry {
        Entry { kind: Kind::Directory { opaque }, ..Entry::directory(path(name), 0o755, 0) }
    }

    fn listings(deltas: Vec<Vec<Entry>>) -> Vec<Arc<Listing>> {
        deltas.into_iter().map(|entries| Arc::new(Listing::from_unsorted(entries).unwrap())).collect()
    }

    fn shown(listings: &[Arc<Listing>], at: &str) -> Vec<String> {
        let nodes = View::new(listings).walk(&path(at), &|_, _| Pick::Take);
        nodes.iter().map(|n| n.entry.path.to_string()).collect()
    }

    #[test]
    fn whiteouts_files_and_opaque_directories_hide_what_is_below() {
        let base = vec![
            directory("a", false),
            file("a/x", 1),
            directory("b", false),
            file("b/x", 1),
            directory("c", false),
            file("c/x", 1),
        ];
        let top = vec![Entry::whiteout(path("a")), file("b", 2), directory("c", true), file("c/y", 2)];
        let view = listings(vec![base, top]);
        assert_eq!(shown(&view, ""), ["/b", "/c", "/c/y"]);
        assert_eq!(shown(&view, "c"), ["/c/y"]);
        for gone in ["a", "a/x", "b/x", "c/x"] {
            assert!(View::new(&view).lookup(&path(gone)).is_none(), "{gone}");
        }
    }

    #[test]
    fn a_path_that_comes_back_is_seen() {
        let view = listings(vec![
            vec![directory("a", false), file("a/x", 1)],
            vec![Entry::whiteout(path("a"))],
            vec![directory("a", false), file("a/y", 2)],
        ]);
        assert_eq!(shown(&view, ""), ["/a", "/a/y"]);
        assert!(View::new(&view).lookup(&path("a/x")).is_none());
    }

    #[test]
    fn hard_links_share_identity_and_content() {
        let link = Entry { kind: Kind::HardLink { to: path("a") }, ..Entry::directory(path("b"), 0o644, 0) };
        let view = listings(vec![vec![file("a", 7), link, file("c", 7)]]);
        let nodes = View::new(&view).walk(&TreePath::root(), &|_, _| Pick::Take);
        assert_eq!(nodes[0].identity, nodes[1].identity);
        assert_ne!(nodes[0].identity, nodes[2].identity);
        assert_eq!(nodes[1].entry.kind, nodes[0].entry.kind);
    }
}
