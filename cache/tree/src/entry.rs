//! One line of a listing: a path and all that a layer says of it.

use crate::TreePath;

/// An extended attribute: full name (`security.capability`, `user.x`) and value.
pub type Xattr = (Box<[u8]>, Box<[u8]>);

/// What a tree or a delta holds at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path; for a whiteout the path that is hidden, without `.wh.`.
    pub path: TreePath,
    /// The type with what only that type has.
    pub kind: Kind,
    /// Permission bits with setuid, setgid and sticky (`0o7777`); 0 for whiteouts.
    pub mode: u32,
    /// Owner, as the image sees it.
    pub uid: u32,
    /// Group, as the image sees it.
    pub gid: u32,
    /// Modification time in whole seconds since 1970, rounded down; no part of the listing's digest by default.
    pub mtime: i64,
    /// Extended attributes, sorted by name; never those of overlayfs itself.
    pub xattrs: Vec<Xattr>,
}

/// The type of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A directory; an opaque one hides all that lies below it in earlier deltas.
    Directory {
        /// Whether earlier content is hidden; only deltas unpacked from foreign layers have it.
        opaque: bool,
    },
    /// A regular file.
    File {
        /// Length in bytes.
        size: u64,
        /// SHA-256 of the content, once somebody has read it.
        digest: Option<[u8; 32]>,
    },
    /// Another name for a file that stands earlier in the same listing.
    HardLink {
        /// The first name.
        to: TreePath,
    },
    /// A symbolic link.
    Symlink {
        /// Its target, verbatim.
        target: Box<[u8]>,
    },
    /// A character device.
    CharDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A block device.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A named pipe.
    Fifo,
    /// The path existed in an earlier delta and is gone.
    Whiteout,
}

impl Entry {
    /// Returns the entry that removes `path`.
    pub fn whiteout(path: TreePath) -> Self {
        Self { path, kind: Kind::Whiteout, mode: 0, uid: 0, gid: 0, mtime: 0, xattrs: Vec::new() }
    }

    /// Returns a directory of root's with the given mode and time and nothing else.
    pub fn directory(path: TreePath, mode: u32, mtime: i64) -> Self {
        Self { path, kind: Kind::Directory { opaque: false }, mode, uid: 0, gid: 0, mtime, xattrs: Vec::new() }
    }
}
