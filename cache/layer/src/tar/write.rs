//! Headers of entries: ustar where everything fits, a PAX header before it where not.

use containr_tree::{Entry, Kind};

use super::header::{BLOCK, Fields, OCTAL_7, OCTAL_11};
use super::{OPAQUE, TarError, WHITEOUT, pax};

/// The two zero blocks at the end of an archive.
pub(crate) const TRAILER: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// Returns how many zero bytes follow a file of `size` bytes.
pub(crate) fn padding(size: u64) -> usize {
    (size.wrapping_neg() % BLOCK as u64) as usize
}

/// Appends the header of `entry` (for a directory not its opaque marker).
///
/// # Errors
/// Only the name of an extended attribute can be unfit.
pub(crate) fn header(entry: &Entry, out: &mut Vec<u8>) -> Result<(), TarError> {
    let name = member_name(entry);
    let (typeflag, size, link) = shape(&entry.kind);
    let (major, minor) = device(&entry.kind);
    let mode = if matches!(entry.kind, Kind::Symlink { .. }) { 0o777 } else { entry.mode & 0o7777 };
    let fields = Fields {
        mode,
        uid: u64::from(entry.uid),
        gid: u64::from(entry.gid),
        size,
        mtime: 0,
        typeflag,
        major,
        minor,
        ..Fields::default()
    };
    write_member(&Member { name: &name, link, mtime: entry.mtime, xattrs: &entry.xattrs }, fields, out)
}

/// Appends the marker that makes the directory `entry` opaque; it follows the directory's own header.
pub(crate) fn opaque_marker(entry: &Entry, out: &mut Vec<u8>) -> Result<(), TarError> {
    let name = entry.path.join(OPAQUE).bytes().to_vec();
    let fields = Fields { typeflag: b'0', ..Fields::default() };
    write_member(&Member { name: &name, link: b"", mtime: 0, xattrs: &[] }, fields, out)
}

/// What may not fit into a ustar header.
struct Member<'a> {
    name: &'a [u8],
    link: &'a [u8],
    mtime: i64,
    xattrs: &'a [containr_tree::Xattr],
}

/// A record of an extended header: key and value.
type Record = (Vec<u8>, Vec<u8>);

fn write_member(member: &Member<'_>, fields: Fields<'_>, out: &mut Vec<u8>) -> Result<(), TarError> {
    let mut records = attributes(member.xattrs)?;
    let mut number = |value: u64, limit: u64, key: &[u8]| {
        if value <= limit {
            return value;
        }
        records.push((key.to_vec(), value.to_string().into_bytes()));
        0
    };
    let uid = number(fields.uid, OCTAL_7, b"uid");
    let gid = number(fields.gid, OCTAL_7, b"gid");
    let size = number(fields.size, OCTAL_11, b"size");
    let mtime = u64::try_from(member.mtime).ok().filter(|seconds| *seconds <= OCTAL_11).unwrap_or_else(|| {
        records.push((b"mtime".to_vec(), member.mtime.to_string().into_bytes()));
        0
    });
    let (ascii_name, ascii_link) = (plain(member.name), plain(member.link));
    let link = if member.link.len() <= 100 && member.link.is_ascii() {
        member.link
    } else {
        records.push((b"linkpath".to_vec(), member.link.to_vec()));
        &ascii_link[..ascii_link.len().min(100)]
    };
    let (prefix, name) = split(member.name).unwrap_or_else(|| {
        records.push((b"path".to_vec(), member.name.to_vec()));
        (b"", &ascii_name[..ascii_name.len().min(100)])
    });
    if !records.is_empty() {
        write_extended(&mut records, &ascii_name, out);
    }
    out.extend_from_slice(&Fields { name, prefix, uid, gid, size, mtime, link, ..fields }.encode());
    Ok(())
}

fn attributes(xattrs: &[containr_tree::Xattr]) -> Result<Vec<Record>, TarError> {
    let record = |(name, value): &containr_tree::Xattr| match name.contains(&b'=') {
        true => Err(TarError::AttributeName(String::from_utf8_lossy(name).into_owned())),
        false => Ok(([pax::XATTR, name].concat(), value.to_vec())),
    };
    xattrs.iter().map(record).collect()
}

/// Appends an extended header with the records in order of their keys.
fn write_extended(records: &mut [Record], name: &[u8], out: &mut Vec<u8>) {
    records.sort();
    let mut body = Vec::new();
    for (key, value) in records {
        pax::push(&mut body, key, value);
    }
    let last = name.strip_suffix(b"/").unwrap_or(name).rsplit(|b| *b == b'/').next().unwrap_or_default();
    let label = [b"PaxHeaders.0/", &last[..last.len().min(80)]].concat();
    let size = body.len() as u64;
    out.extend_from_slice(&Fields { name: &label, mode: 0o644, size, typeflag: b'x', ..Fields::default() }.encode());
    out.extend_from_slice(&body);
    out.resize(out.len() + padding(size), 0);
}

/// Returns the name in the archive: directories end with a slash, the root is `./`, a whiteout has its mark.
fn member_name(entry: &Entry) -> Vec<u8> {
    match &entry.kind {
        Kind::Directory { .. } if entry.path.is_root() => b"./".to_vec(),
        Kind::Directory { .. } => [entry.path.bytes(), b"/"].concat(),
        Kind::Whiteout => {
            let parent = entry.path.parent().unwrap_or_default();
            parent.join(&[WHITEOUT, entry.path.file_name()].concat()).bytes().to_vec()
        }
        _ => entry.path.bytes().to_vec(),
    }
}

fn shape(kind: &Kind) -> (u8, u64, &[u8]) {
    match kind {
        Kind::Directory { .. } => (b'5', 0, b""),
        Kind::File { size, .. } => (b'0', *size, b""),
        Kind::HardLink { to } => (b'1', 0, to.bytes()),
        Kind::Symlink { target } => (b'2', 0, target),
        Kind::CharDevice { .. } => (b'3', 0, b""),
        Kind::BlockDevice { .. } => (b'4', 0, b""),
        Kind::Fifo => (b'6', 0, b""),
        Kind::Whiteout => (b'0', 0, b""),
    }
}

fn device(kind: &Kind) -> (u32, u32) {
    match kind {
        Kind::CharDevice { major, minor } | Kind::BlockDevice { major, minor } => (*major, *minor),
        _ => (0, 0),
    }
}

fn plain(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(u8::is_ascii).collect()
}

/// Splits a name into ustar's prefix and name at the last slash that makes both fit; nothing when it needs PAX.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if !name.is_ascii() {
        return None;
    }
    if name.len() <= 100 {
        return Some((b"", name));
    }
    // A directory's own slash at the end is no place to cut.
    let end = name.len().min(156).min(name.len() - 1);
    let cut = name[..end].iter().rposition(|b| *b == b'/').filter(|cut| *cut > 0)?;
    let (prefix, rest) = (&name[..cut], &name[cut + 1..]);
    (rest.len() <= 100 && prefix.len() <= 155).then_some((prefix, rest))
}
