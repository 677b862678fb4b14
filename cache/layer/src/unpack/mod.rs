//! Turns archives into trees, against every trick that an archive can play.
//!
//! Four threads share the work: one reads the source, one inflates, one reads the archive and writes files, one hashes.

mod delta;
mod pipe;
mod place;

use std::fs::File;
use std::io::{BufRead as _, Read, Write as _};
use std::os::fd::BorrowedFd;
use std::sync::mpsc::sync_channel;
use std::thread;

use containr_tree::{Entry, Kind, Listing, TreePath};
use sha2::Digest as _;

pub(crate) use self::delta::{Delta, member};
pub(crate) use self::pipe::Pieces;
use self::pipe::{AHEAD, QUEUE};
pub(crate) use self::place::Placer;
use crate::seal::Stream;
use crate::tar::{self, Limits, Member, MemberKind, TarReader};
use crate::{Compression, Context, Formats, LayerError, attributes};

/// How a delta on disk notes what it hides.
pub trait Marks: Sync {
    /// Notes that `path` is gone; its directory exists.
    ///
    /// # Errors
    /// What the file system gives.
    fn whiteout(&self, path: &TreePath) -> std::io::Result<()>;
    /// Notes that the directory `path` hides all that earlier deltas have below it.
    ///
    /// # Errors
    /// What the file system gives.
    fn opaque(&self, path: &TreePath) -> std::io::Result<()>;
}

/// Where an archive goes.
#[derive(Clone)]
pub struct Destination<'a> {
    /// The directory of the delta; nobody else writes to it.
    pub fs: BorrowedFd<'a>,
    /// How it notes what it hides.
    pub marks: &'a dyn Marks,
    /// The merged view of all that lies below: links in it are followed, and its directories are kept as they are.
    pub below: Option<BorrowedFd<'a>>,
    /// What directories look like that the archive does not mention.
    pub missing: Missing,
}

/// What directories look like that neither an archive nor the tree below has, and where links may lead to such.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Modification time in seconds since 1970.
    pub mtime: i64,
    /// The only place in which a dangling link may be filled; nothing: everywhere.
    pub within: Option<TreePath>,
}

impl Default for Missing {
    fn default() -> Self {
        Self { mode: 0o755, uid: 0, gid: 0, mtime: 0, within: None }
    }
}

impl Missing {
    fn directory(&self, path: TreePath) -> Entry {
        Entry { uid: self.uid, gid: self.gid, ..Entry::directory(path, self.mode, self.mtime) }
    }

    fn may_follow(&self, path: &TreePath) -> bool {
        self.within.as_ref().is_none_or(|place| path.below(place).is_some())
    }
}

/// What an archive became.
#[derive(Debug)]
pub struct Unpacked {
    /// All that the delta holds, with the digest of every file.
    pub listing: Listing,
    /// Digest of the uncompressed archive.
    pub diff_id: containr_oci::Digest,
    /// Length of the uncompressed archive in bytes.
    pub size: u64,
}

/// Unpacks one layer (plain, gzip or zstd, told by its content) into an empty delta.
///
/// # Errors
/// Malformed and hostile archives, or what the file system gives; the delta is then to be thrown away.
pub fn unpack_into(
    layer: &mut (dyn Read + Send),
    destination: &Destination<'_>,
    limits: Limits,
    context: Context<'_>,
) -> Result<Unpacked, LayerError> {
    let mut delta = Delta::new(destination, Vec::new())?;
    let ((), Stream { diff_id, size }) = with_members(layer, Formats::Layer, limits, context, |reader| {
        while let Some(member) = reader.next_member().map_err(LayerError::reading)? {
            take_member(&mut delta, member, reader)?;
        }
        Ok(())
    })?;
    Ok(Unpacked { listing: delta.finish()?, diff_id, size })
}

/// Gives the members of a compressed archive to `take` while other threads inflate and hash it to its very end.
pub(crate) fn with_members<T>(
    archive: &mut (dyn Read + Send),
    formats: Formats,
    limits: Limits,
    context: Context<'_>,
    take: impl FnOnce(&mut TarReader<Pieces>) -> Result<T, LayerError>,
) -> Result<(T, Stream), LayerError> {
    thread::scope(|scope| {
        let (ahead, ahead_queue) = sync_channel(AHEAD);
        scope.spawn(move || pipe::read_ahead(archive, &ahead));
        let mut plain = Compression::open(Pieces::new(ahead_queue), formats).map_err(LayerError::reading)?;
        let (to_reader, reader_queue) = sync_channel(QUEUE);
        let (to_hasher, hasher_queue) = sync_channel(QUEUE);
        let cancel = context.cancel;
        scope.spawn(move || pipe::feed(&mut *plain, &to_reader, &to_hasher, cancel));
        let hasher = scope.spawn(move || pipe::hash(&hasher_queue));
        let mut reader = TarReader::new(Pieces::new(reader_queue), limits);
        let taken = take(&mut reader)?;
        drain(reader.into_input(), limits)?;
        Ok((taken, hasher.join().expect("hashing does not panic")))
    })
}

/// Reads what stands behind the end of the archive: it belongs to the digest, and checksums of codecs come last.
fn drain(mut rest: Pieces, limits: Limits) -> Result<(), LayerError> {
    let mut total = 0_u64;
    loop {
        let length = rest.fill_buf().map_err(LayerError::reading)?.len();
        if length == 0 {
            return Ok(());
        }
        rest.consume(length);
        total += length as u64;
        if total > limits.total_bytes {
            return Err(tar::TarError::Limit { what: "bytes", limit: limits.total_bytes }.into());
        }
    }
}

/// What the name of a member of a layer means.
enum Meaning {
    Entry(TreePath),
    Whiteout(TreePath),
    Opaque(TreePath),
    /// What aufs left behind in old layers.
    Nothing,
}

fn meaning(name: &[u8]) -> Result<Meaning, LayerError> {
    let path = clean(name)?;
    let Some(parent) = path.parent() else { return Ok(Meaning::Entry(path)) };
    if parent.components().any(|component| component.starts_with(tar::WHITEOUT)) {
        return Err(member(&path, "lies below a whiteout"));
    }
    let Some(hidden) = path.file_name().strip_prefix(tar::WHITEOUT) else { return Ok(Meaning::Entry(path)) };
    match hidden {
        _ if path.file_name() == tar::OPAQUE => Ok(Meaning::Opaque(parent)),
        b"" | b"." | b".." => Err(member(&path, "is a whiteout without a name")),
        _ if hidden.starts_with(tar::WHITEOUT) => Ok(Meaning::Nothing),
        _ => Ok(Meaning::Whiteout(parent.join(hidden))),
    }
}

/// Returns the place that a written name means: absolute names and `..` stay at the root.
pub(crate) fn clean(name: &[u8]) -> Result<TreePath, LayerError> {
    let problem = |problem| LayerError::Member { name: String::from_utf8_lossy(name).into_owned(), problem };
    let path = TreePath::clamped(name).map_err(|_| problem("has a NUL byte in its name"))?;
    if path.components().any(|component| component.len() > 255) {
        return Err(problem("has a name of more than 255 bytes"));
    }
    Ok(path)
}

fn take_member(delta: &mut Delta<'_>, member: Member, reader: &mut TarReader<Pieces>) -> Result<(), LayerError> {
    match meaning(&member.path)? {
        Meaning::Nothing => Ok(()),
        Meaning::Whiteout(path) => {
            let path = delta.locate(&path)?;
            delta.whiteout(path);
            Ok(())
        }
        Meaning::Opaque(directory) => {
            // Located by a name in it, so that a link to the directory is followed.
            let inside = delta.locate(&directory.join(tar::OPAQUE))?;
            delta.make_opaque(inside.parent().unwrap_or_default())
        }
        Meaning::Entry(path) => place(delta, &path, member, reader, attributes::is_kept),
    }
}

/// Puts one member at `path`, with the attributes that `keep` names.
pub(crate) fn place(
    delta: &mut Delta<'_>,
    path: &TreePath,
    member: Member,
    reader: &mut TarReader<Pieces>,
    keep: fn(&[u8]) -> bool,
) -> Result<(), LayerError> {
    let at = delta.locate(path)?;
    let Member { kind, mode, uid, gid, mtime, mut xattrs, .. } = member;
    xattrs.retain(|(name, _)| keep(name));
    let kind = match kind {
        MemberKind::HardLink(to) => {
            let to = delta.locate(&clean(&to)?)?;
            return delta.link(&at, &to);
        }
        MemberKind::File(size) => Kind::File { size, digest: None },
        MemberKind::Directory => Kind::Directory { opaque: false },
        MemberKind::Symlink(target) => Kind::Symlink { target: target.into() },
        MemberKind::CharDevice(major, minor) => Kind::CharDevice { major, minor },
        MemberKind::BlockDevice(major, minor) => Kind::BlockDevice { major, minor },
        MemberKind::Fifo => Kind::Fifo,
    };
    if !matches!(kind, Kind::Directory { .. } | Kind::File { .. }) {
        xattrs.clear();
    }
    let entry = Entry { path: at, kind, mode, uid, gid, mtime, xattrs };
    match entry.kind {
        Kind::Directory { .. } => delta.directory(entry),
        _ if entry.path.is_root() => Err(delta::member(path, "is the root and no directory")),
        Kind::File { .. } => delta.file(entry, |target| write_content(reader, target, path)),
        Kind::Symlink { .. } => delta.special(Entry { mode: 0o777, ..entry }),
        _ => delta.special(entry),
    }
}

fn write_content(reader: &mut TarReader<Pieces>, target: &mut File, path: &TreePath) -> Result<[u8; 32], LayerError> {
    let mut hasher = sha2::Sha256::new();
    loop {
        let piece = reader.content().map_err(LayerError::reading)?;
        if piece.is_empty() {
            return Ok(hasher.finalize().into());
        }
        hasher.update(piece);
        target.write_all(piece).map_err(LayerError::file("write", path))?;
        let length = piece.len();
        reader.consume(length);
    }
}
