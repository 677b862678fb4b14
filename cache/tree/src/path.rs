//! Paths inside a file tree: raw bytes relative to the tree's root.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// A path below the root of a tree: components joined by `/`, none of them empty, `.` or `..`; the root itself is empty.
///
/// The order is depth first (component by component), so that `a/x` stands between `a` and `a-b`.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct TreePath(Box<[u8]>);

/// Why bytes are no path inside a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A component is `..`, which would leave the tree.
    #[error("path `{0}` has a `..` component")]
    Parent(String),
    /// A NUL byte, which no file system takes.
    #[error("path `{0}` has a NUL byte")]
    Nul(String),
}

impl TreePath {
    /// Returns the path of the root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Cleans `bytes`: leading, trailing and double slashes and `.` components go away.
    ///
    /// # Errors
    /// `..` components and NUL bytes are refused.
    pub fn new(bytes: &[u8]) -> Result<Self, PathError> {
        let shown = || String::from_utf8_lossy(bytes).into_owned();
        if bytes.contains(&0) {
            return Err(PathError::Nul(shown()));
        }
        let mut clean = Vec::with_capacity(bytes.len());
        for component in bytes.split(|b| *b == b'/').filter(|c| !c.is_empty() && *c != b".") {
            if component == b".." {
                return Err(PathError::Parent(shown()));
            }
            if !clean.is_empty() {
                clean.push(b'/');
            }
            clean.extend_from_slice(component);
        }
        Ok(Self(clean.into()))
    }

    /// Cleans `bytes` as [`TreePath::new`] does and resolves `..` by name, staying at the root: `/../a/../b` is `b`.
    ///
    /// # Errors
    /// NUL bytes are refused.
    pub fn clamped(bytes: &[u8]) -> Result<Self, PathError> {
        let mut components: Vec<&[u8]> = Vec::new();
        for component in bytes.split(|b| *b == b'/').filter(|c| !c.is_empty() && *c != b".") {
            if component == b".." {
                components.pop();
            } else {
                components.push(component);
            }
        }
        Self::new(&components.join(&b'/'))
    }

    /// Returns the bytes, without a leading slash.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the path for the file API, relative to the root of the tree; the root is `.`.
    pub fn as_path(&self) -> &Path {
        if self.0.is_empty() { Path::new(".") } else { Path::new(OsStr::from_bytes(&self.0)) }
    }

    /// Returns whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the last component; the root has an empty one.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|b| *b == b'/').next().unwrap_or_default()
    }

    /// Returns the path without its last component; the root has none.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let length = self.0.iter().rposition(|b| *b == b'/').unwrap_or(0);
        Some(Self(self.0[..length].into()))
    }

    /// Returns the path of `name` in this directory; `name` is one component or a clean relative path.
    pub fn join(&self, name: &[u8]) -> Self {
        if self.is_root() {
            return Self(name.into());
        }
        if name.is_empty() {
            return self.clone();
        }
        Self([&self.0, b"/".as_slice(), name].concat().into())
    }

    /// Returns the rest of the path below `ancestor` (empty when equal), or nothing when it lies elsewhere.
    pub fn below(&self, ancestor: &Self) -> Option<&[u8]> {
        if ancestor.is_root() {
            return Some(&self.0);
        }
        let rest = self.0.strip_prefix(&*ancestor.0)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"/") }
    }

    /// Returns the components, outermost first.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|b| *b == b'/').filter(|c| !c.is_empty())
    }
}

impl Ord for TreePath {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&self.0, &other.0)
    }
}

impl PartialOrd for TreePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares the bytes of two paths depth first.
pub(crate) fn order(a: &[u8], b: &[u8]) -> Ordering {
    match a.iter().zip(b).find(|(x, y)| x != y) {
        // A slash sorts below every other byte, which makes the byte order the order of components.
        Some((b'/', _)) => Ordering::Less,
        Some((_, b'/')) => Ordering::Greater,
        Some((x, y)) => x.cmp(y),
        None => a.len().cmp(&b.len()),
    }
}

impl Borrow<[u8]> for TreePath {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn order_is_depth_first() {
        let mut paths = vec![path("a-b"), path("a/x"), path("a"), path("a.b")];
        paths.sort();
        assert_eq!(paths, [path("a"), path("a/x"), path("a-b"), path("a.b")]);
    }

    #[test]
    fn parents_are_refused_or_clamped() {
        assert!(TreePath::new(b"a/../b").is_err());
        assert_eq!(TreePath::clamped(b"/../a/.././b/").unwrap(), path("b"));
    }

    #[test]
    fn below_respects_components() {
        assert_eq!(path("ab/c").below(&path("a")), None);
        assert_eq!(path("a/b/c").below(&path("a")), Some(b"b/c".as_slice()));
        assert_eq!(path("a").below(&path("a")), Some(b"".as_slice()));
    }
}
