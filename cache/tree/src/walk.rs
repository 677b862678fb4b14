//! The parallel walk: directories are the units of work, entries are looked at relative to their open directory.

use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use containr_progress::Cancel;
use rustix::fs::{AtFlags, Mode, OFlags, RawDir};
use rustix::io::Errno;

use crate::{FileKind, Stat, TreeError, TreePath};

/// Entries from which on further threads are worth their start.
const WORTH_THREADS: usize = 256;

/// What a filter wants of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// The entry and, for a directory, what is below it.
    Take,
    /// The entry alone.
    TakeOnly,
    /// What is below a directory, but not the directory itself; nothing for other entries.
    Descend,
    /// Nothing: the subtree is not even opened.
    Skip,
}

/// An entry that the filter took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is, relative to the root of the walk.
    pub path: TreePath,
    /// Its numbers.
    pub stat: Stat,
    /// The target of a symbolic link, verbatim.
    pub link: Option<Box<[u8]>>,
}

/// Walks the tree below `root` and returns what `filter` takes, in the order of [`TreePath`]; the root itself is left out.
///
/// The filter is asked once per entry, from several threads, parents before children. Links are not followed, mounts are
/// entered. An entry that vanishes between its directory's reading and its own counts as never there.
///
/// # Errors
/// The first directory or link that cannot be read, or [`TreeError::Cancelled`].
pub fn walk(
    root: BorrowedFd<'_>,
    filter: &(dyn Fn(&TreePath, &Stat) -> Visit + Sync),
    cancel: &Cancel,
) -> Result<Vec<Found>, TreeError> {
    let top = open(root, c".").map_err(TreeError::io("open", &TreePath::root()))?;
    let walk = Walk { filter, cancel, state: Mutex::default(), changed: Condvar::new() };
    {
        let mut state = walk.lock();
        state.slots.push(Vec::new());
        state.queue.push(Job { parent: Arc::new(top), name: c".".into(), path: TreePath::root(), slot: 0 });
        state.open = 1;
    }
    walk.work(Until::WorthThreads);
    if walk.lock().open > 0 {
        let helpers = std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1);
        std::thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|| walk.work(Until::Done));
            }
            walk.work(Until::Done);
        });
    }
    let state = walk.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.failed {
        Some(error) => Err(error),
        None => Ok(flatten(state.slots)),
    }
}

/// A directory to be read.
struct Job {
    parent: Arc<OwnedFd>,
    name: CString,
    path: TreePath,
    /// Where its entries go.
    slot: usize,
}

/// One entry of a directory that was read.
struct Node {
    path: TreePath,
    /// What the result gets; nothing for a directory that is only walked through.
    taken: Option<(Stat, Option<Box<[u8]>>)>,
    /// The slot of a directory's own entries.
    child: Option<usize>,
}

#[derive(Default)]
struct State {
    queue: Vec<Job>,
    /// Directories that are queued or being read.
    open: usize,
    /// The entries of each directory, sorted by name.
    slots: Vec<Vec<Node>>,
    entries: usize,
    failed: Option<TreeError>,
}

struct Walk<'a> {
    filter: &'a (dyn Fn(&TreePath, &Stat) -> Visit + Sync),
    cancel: &'a Cancel,
    state: Mutex<State>,
    changed: Condvar,
}

/// When a worker stops.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    /// As soon as there is enough work for several.
    WorthThreads,
    /// When no directory is left.
    Done,
}

impl Walk<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, until: Until) {
        let mut buffer = Vec::with_capacity(32 * 1024);
        let mut state = self.lock();
        loop {
            let enough = until == Until::WorthThreads && state.entries > WORTH_THREADS && state.queue.len() > 1;
            if state.open == 0 || state.failed.is_some() || enough {
                return;
            }
            // The last one queued comes first: depth first keeps few directories open.
            let Some(job) = state.queue.pop() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            let read = self.read(&job, &mut buffer);
            state = self.lock();
            state.finish(job.slot, read);
            self.changed.notify_all();
        }
    }

    /// Reads one directory: its entries, and those of them that are to be read next with their places among the entries.
    fn read(&self, job: &Job, buffer: &mut Vec<u8>) -> Result<(Vec<Node>, Vec<Job>), TreeError> {
        self.cancel.check()?;
        let (mut nodes, mut jobs) = (Vec::new(), Vec::new());
        let directory = match open(job.parent.as_fd(), &job.name) {
            Ok(directory) => Arc::new(directory),
            Err(Errno::NOENT) => return Ok((nodes, jobs)),
            Err(error) => return Err(TreeError::io("open", &job.path)(error)),
        };
        let spare: &mut [MaybeUninit<u8>] = buffer.spare_capacity_mut();
        let mut entries = RawDir::new(directory.as_fd(), spare);
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(TreeError::io("read", &job.path))?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let path = job.path.join(name.to_bytes());
            let Some((node, enter)) = self.look(directory.as_fd(), name, path)? else { continue };
            if enter {
                let (parent, name) = (Arc::clone(&directory), name.into());
                jobs.push(Job { parent, name, path: node.path.clone(), slot: nodes.len() });
            }
            nodes.push(node);
        }
        Ok((nodes, jobs))
    }

    /// Looks at one entry; also says whether it is a directory to be read.
    fn look(&self, parent: BorrowedFd<'_>, name: &CStr, path: TreePath) -> Result<Option<(Node, bool)>, TreeError> {
        let stat = match rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Stat::from(stat),
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(TreeError::io("read", &path)(error)),
        };
        let visit = (self.filter)(&path, &stat);
        let enter = stat.kind == FileKind::Directory && matches!(visit, Visit::Take | Visit::Descend);
        let take = matches!(visit, Visit::Take | Visit::TakeOnly);
        if !enter && !take {
            return Ok(None);
        }
        let link = match stat.kind {
            FileKind::Symlink if take => match rustix::fs::readlinkat(parent, name, Vec::new()) {
                Ok(target) => Some(target.into_bytes().into()),
                Err(Errno::NOENT) => return Ok(None),
                Err(error) => return Err(TreeError::io("read", &path)(error)),
            },
            _ => None,
        };
        Ok(Some((Node { path, taken: take.then_some((stat, link)), child: None }, enter)))
    }
}

impl State {
    /// Takes over what was read of one directory.
    fn finish(&mut self, slot: usize, read: Result<(Vec<Node>, Vec<Job>), TreeError>) {
        self.open -= 1;
        let (mut nodes, jobs) = match read {
            Ok(read) => read,
            Err(error) => {
                // Of several errors the one that was met first is reported.
                return self.failed = self.failed.take().or(Some(error));
            }
        };
        self.open += jobs.len();
        self.entries += nodes.len();
        for mut job in jobs {
            nodes[job.slot].child = Some(self.slots.len());
            job.slot = self.slots.len();
            self.slots.push(Vec::new());
            self.queue.push(job);
        }
        self.slots[slot] = nodes;
    }
}

/// Joins the directories in depth-first order.
fn flatten(mut slots: Vec<Vec<Node>>) -> Vec<Found> {
    let mut found = Vec::with_capacity(slots.iter().map(Vec::len).sum());
    let mut take = |slot: usize| {
        let mut nodes = std::mem::take(&mut slots[slot]);
        // All paths of one directory have the same parent, so their bytes sort as their names.
        nodes.sort_unstable_by(|a, b| a.path.bytes().cmp(b.path.bytes()));
        nodes.into_iter()
    };
    let mut stack = vec![take(0)];
    while let Some(nodes) = stack.last_mut() {
        let Some(node) = nodes.next() else {
            stack.pop();
            continue;
        };
        if let Some((stat, link)) = node.taken {
            found.push(Found { path: node.path, stat, link });
        }
        if let Some(child) = node.child {
            stack.push(take(child));
        }
    }
    found
}

fn open(parent: BorrowedFd<'_>, name: &CStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    fn names(found: &[Found]) -> Vec<String> {
        found.iter().map(|found| found.path.to_string()).collect()
    }

    fn tree(files: &[&str]) -> (tempfile::TempDir, File) {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let root = File::open(dir.path()).unwrap();
        (dir, root)
    }

    #[test]
    fn order_is_that_of_paths() {
        let (dir, root) = tree(&["b", "a/z", "a-b/c", "a/b/c", "a.b"]);
        std::os::unix::fs::symlink("a/z", dir.path().join("link")).unwrap();
        let found = walk(root.as_fd(), &|_, _| Visit::Take, &Cancel::new()).unwrap();
        assert_eq!(names(&found), ["/a", "/a/b", "/a/b/c", "/a/z", "/a-b", "/a-b/c", "/a.b", "/b", "/link"]);
        assert!(found.is_sorted_by(|a, b| a.path < b.path));
        assert_eq!(found.last().unwrap().link.as_deref(), Some(&b"a/z"[..]));
        assert_eq!(found[2].stat.size, 5);
    }

    #[test]
    fn pruned_directories_are_never_opened() {
        let (_dir, root) = tree(&["keep/a", "skip/a", "only/a", "through/a"]);
        let filter = |path: &TreePath, _: &Stat| {
            assert_ne!(path.to_string(), "/skip/a");
            assert_ne!(path.to_string(), "/only/a");
            match path.bytes() {
                b"skip" => Visit::Skip,
                b"only" => Visit::TakeOnly,
                b"through" => Visit::Descend,
                _ => Visit::Take,
            }
        };
        let found = walk(root.as_fd(), &filter, &Cancel::new()).unwrap();
        assert_eq!(names(&found), ["/keep", "/keep/a", "/only", "/through/a"]);
    }

    #[test]
    fn many_directories_give_the_same_on_several_threads() {
        let files: Vec<String> = (0..2000).map(|n| format!("d{}/e{}/f{n}", n % 7, n % 31)).collect();
        let (_dir, root) = tree(&files.iter().map(String::as_str).collect::<Vec<_>>());
        let first = walk(root.as_fd(), &|_, _| Visit::Take, &Cancel::new()).unwrap();
        assert_eq!(first.len(), 2000 + 7 + 7 * 31);
        assert!(first.is_sorted_by(|a, b| a.path < b.path));
        for _ in 0..5 {
            assert_eq!(walk(root.as_fd(), &|_, _| Visit::Take, &Cancel::new()).unwrap(), first);
        }
    }

    #[test]
    fn a_cancelled_walk_says_so() {
        let (_dir, root) = tree(&["a/b"]);
        let cancel = Cancel::new();
        let filter = |_: &TreePath, _: &Stat| {
            cancel.cancel();
            Visit::Take
        };
        assert!(matches!(walk(root.as_fd(), &filter, &cancel), Err(TreeError::Cancelled(_))));
    }

    #[test]
    fn a_tree_nested_deeper_than_a_path_may_be_long() {
        let (_dir, root) = tree(&[]);
        let mut at: OwnedFd = root.try_clone().unwrap().into();
        for _ in 0..3000 {
            rustix::fs::mkdirat(&at, "d", Mode::RWXU).unwrap();
            at = open(at.as_fd(), c"d").unwrap();
        }
        let found = walk(root.as_fd(), &|_, _| Visit::Take, &Cancel::new()).unwrap();
        assert_eq!(found.len(), 3000);
        // The file API cannot remove such a tree by path, so it is made shallow from below.
        for depth in (0..3000).rev() {
            if depth % 1000 == 0 && depth > 0 {
                let path = &found[depth].path;
                let mut parent: OwnedFd = root.try_clone().unwrap().into();
                for name in path.parent().unwrap().components() {
                    parent = open(parent.as_fd(), &CString::new(name).unwrap()).unwrap();
                }
                rustix::fs::renameat(&parent, "d", &root, format!("up{depth}")).unwrap();
            }
        }
    }
}
