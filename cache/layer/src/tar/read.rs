//! The one parser of archives: what it accepts, every reader of the house accepts, and with the same meaning.
//!
//! It reads ustar, PAX and GNU's long names. Whatever two common readers would take differently (two sizes, two paths,
//! global headers with meaning, sizes of members without content) is refused.

use std::io::{self, BufRead};

use super::header::{BLOCK, Block, OCTAL_11};
use super::pax::{self, Overrides};
use super::{TarError, padding};

/// Bounds against hostile archives.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Members in all.
    pub members: u64,
    /// Bytes of one path or link target.
    pub path_bytes: u64,
    /// Bytes of one extended header.
    pub extended_bytes: u64,
    /// Bytes of the uncompressed archive.
    pub total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { members: 10_000_000, path_bytes: 4096, extended_bytes: 1 << 20, total_bytes: 1 << 40 }
    }
}

/// One member of an archive; its path is as written and not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name as written, never empty, without NUL.
    pub path: Vec<u8>,
    /// The type.
    pub kind: MemberKind,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Whole seconds since 1970, rounded down.
    pub mtime: i64,
    /// Extended attributes, sorted by name.
    pub xattrs: Vec<containr_tree::Xattr>,
}

/// The type of a member with what only that type has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file of so many bytes, which follow.
    File(u64),
    /// A directory.
    Directory,
    /// Another name for an earlier member; the target as written.
    HardLink(Vec<u8>),
    /// A symbolic link.
    Symlink(Vec<u8>),
    /// A character device: major and minor number.
    CharDevice(u32, u32),
    /// A block device: major and minor number.
    BlockDevice(u32, u32),
    /// A named pipe.
    Fifo,
}

/// Reads the members of an archive one after the other.
pub struct TarReader<R> {
    input: R,
    limits: Limits,
    /// Bytes taken from the input so far.
    at: u64,
    members: u64,
    /// Content of the current member that was not read yet, then its padding.
    content: u64,
    padding: usize,
    ended: bool,
}

/// What came before a member's own header.
#[derive(Default)]
struct Extended {
    pax: Option<Overrides>,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
}

impl<R: BufRead> TarReader<R> {
    /// Returns a reader at the start of an uncompressed archive.
    pub fn new(input: R, limits: Limits) -> Self {
        Self { input, limits, at: 0, members: 0, content: 0, padding: 0, ended: false }
    }

    /// Returns the next member after skipping what is left of the last one, or nothing at the end of the archive.
    ///
    /// # Errors
    /// A [`TarError`] wrapped as `InvalidData`, or what the input gives.
    pub fn next_member(&mut self) -> io::Result<Option<Member>> {
        self.skip_content()?;
        let mut extended = Extended::default();
        loop {
            let at = self.at;
            let Some(bytes) = self.block()? else {
                return if extended.is_empty() { Ok(None) } else { Err(invalid(TarError::Truncated(at))) };
            };
            let block = Block::check(&bytes, at).map_err(invalid)?;
            match block.typeflag() {
                b'x' => {
                    let body = self.extended(&block, at)?;
                    let mut overrides = Overrides::default();
                    overrides.take(&body, at).map_err(invalid)?;
                    pax::once(&mut extended.pax, overrides, at, "extended header").map_err(invalid)?;
                }
                b'g' => {
                    let body = self.extended(&block, at)?;
                    check_global(&body, at).map_err(invalid)?;
                }
                b'L' => {
                    let name = self.long(&block, at)?;
                    pax::once(&mut extended.long_name, name, at, "path").map_err(invalid)?;
                }
                b'K' => {
                    let link = self.long(&block, at)?;
                    pax::once(&mut extended.long_link, link, at, "link").map_err(invalid)?;
                }
                _ => return self.member(&block, extended, at).map(Some),
            }
        }
    }

    /// Returns the next piece of the current member's content, empty at its end; follow with [`TarReader::consume`].
    ///
    /// # Errors
    /// An archive that ends inside the content, or what the input gives.
    pub fn content(&mut self) -> io::Result<&[u8]> {
        if self.content == 0 {
            return Ok(&[]);
        }
        let at = self.at;
        let piece = self.input.fill_buf()?;
        if piece.is_empty() {
            return Err(invalid(TarError::Truncated(at)));
        }
        let wanted = usize::try_from(self.content).unwrap_or(usize::MAX);
        Ok(&piece[..piece.len().min(wanted)])
    }

    /// Says that `length` bytes of the last piece were used.
    ///
    /// # Panics
    /// At most the last piece's length can be used.
    pub fn consume(&mut self, length: usize) {
        assert!(length as u64 <= self.content, "only what was given can be consumed");
        self.input.consume(length);
        self.content -= length as u64;
        self.at += length as u64;
    }

    /// Gives back the input, at the place that was read up to.
    pub(crate) fn into_input(self) -> R {
        self.input
    }

    fn skip_content(&mut self) -> io::Result<()> {
        loop {
            let length = self.content()?.len();
            if length == 0 {
                break;
            }
            self.consume(length);
        }
        let mut rest = [0; BLOCK];
        let padding = std::mem::take(&mut self.padding);
        self.exact(&mut rest[..padding])
    }

    fn exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        self.input.read_exact(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => invalid(TarError::Truncated(self.at)),
            _ => error,
        })?;
        self.at += buffer.len() as u64;
        if self.at > self.limits.total_bytes {
            return Err(invalid(TarError::Limit { what: "bytes", limit: self.limits.total_bytes }));
        }
        Ok(())
    }

    /// Returns the next header block, or nothing at the end: two zero blocks, one at the end of the input, or none.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        if self.ended || self.input.fill_buf()?.is_empty() {
            self.ended = true;
            return Ok(None);
        }
        let mut bytes = [0; BLOCK];
        self.exact(&mut bytes)?;
        if bytes.iter().any(|b| *b != 0) {
            return Ok(Some(bytes));
        }
        if !self.input.fill_buf()?.is_empty() {
            let at = self.at;
            self.exact(&mut bytes)?;
            if bytes.iter().any(|b| *b != 0) {
                return Err(invalid(TarError::Damaged { at, what: "end (a lone zero block)" }));
            }
        }
        self.ended = true;
        Ok(None)
    }

    /// Reads the content of an extended header.
    fn extended(&mut self, block: &Block<'_>, at: u64) -> io::Result<Vec<u8>> {
        let limit = self.limits.extended_bytes;
        let size = size(block, at).map_err(invalid)?;
        if size > limit {
            return Err(invalid(TarError::Limit { what: "bytes in an extended header", limit }));
        }
        let mut body = vec![0; size as usize];
        self.exact(&mut body)?;
        let mut rest = [0; BLOCK];
        self.exact(&mut rest[..padding(size)])?;
        Ok(body)
    }

    /// Reads GNU's long name, which ends at its first NUL.
    fn long(&mut self, block: &Block<'_>, at: u64) -> io::Result<Vec<u8>> {
        let mut name = self.extended(block, at)?;
        let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
        name.truncate(end);
        if name.is_empty() { Err(invalid(TarError::Damaged { at, what: "long name" })) } else { Ok(name) }
    }

    fn member(&mut self, block: &Block<'_>, extended: Extended, at: u64) -> io::Result<Member> {
        self.members += 1;
        if self.members > self.limits.members {
            return Err(invalid(TarError::Limit { what: "members", limit: self.limits.members }));
        }
        let member = extended.apply(block, at).map_err(invalid)?;
        let link = if let MemberKind::HardLink(to) | MemberKind::Symlink(to) = &member.kind { to.len() } else { 0 };
        if member.path.len().max(link) as u64 > self.limits.path_bytes {
            return Err(invalid(TarError::Limit { what: "bytes in a path", limit: self.limits.path_bytes }));
        }
        if let MemberKind::File(size) = member.kind {
            let end = self.at.checked_add(size).filter(|end| *end <= self.limits.total_bytes);
            end.ok_or_else(|| invalid(TarError::Limit { what: "bytes", limit: self.limits.total_bytes }))?;
            (self.content, self.padding) = (size, padding(size));
        }
        Ok(member)
    }
}

impl Extended {
    fn is_empty(&self) -> bool {
        self.pax.is_none() && self.long_name.is_none() && self.long_link.is_none()
    }

    /// Joins the member's own header with what came before it.
    fn apply(self, block: &Block<'_>, at: u64) -> Result<Member, TarError> {
        let damaged = |what| TarError::Damaged { at, what };
        let pax = self.pax.unwrap_or_default();
        let path = one_of(pax.path, self.long_name, at, "path")?.unwrap_or_else(|| block.name());
        if path.is_empty() {
            return Err(damaged("name"));
        }
        let link = one_of(pax.link, self.long_link, at, "link")?.unwrap_or_else(|| block.link().to_vec());
        let size = joined_size(size(block, at)?, pax.size, at)?;
        let kind = kind(block, &path, link, size, at)?;
        let owner = |own: Option<i64>, pax: Option<u64>, what| {
            let value = pax.or(own.and_then(|id| u64::try_from(id).ok())).ok_or(damaged(what))?;
            u32::try_from(value).map_err(|_| damaged(what))
        };
        let mut xattrs = pax.xattrs;
        xattrs.sort();
        Ok(Member {
            path,
            kind,
            mode: (block.mode().ok_or(damaged("mode"))? & 0o7777) as u32,
            uid: owner(block.uid(), pax.uid, "owner")?,
            gid: owner(block.gid(), pax.gid, "group")?,
            mtime: pax.mtime.or(block.mtime()).ok_or(damaged("time"))?,
            xattrs,
        })
    }
}

fn invalid(error: TarError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn size(block: &Block<'_>, at: u64) -> Result<u64, TarError> {
    block.size().and_then(|size| u64::try_from(size).ok()).ok_or(TarError::Damaged { at, what: "size" })
}

/// Returns the PAX size when there is one; the header's must then be equal, 0, or the largest that fits.
fn joined_size(own: u64, pax: Option<u64>, at: u64) -> Result<u64, TarError> {
    match pax {
        None => Ok(own),
        Some(size) if own == size || own == 0 || (own == OCTAL_11 && size > own) => Ok(size),
        Some(_) => Err(TarError::Contradiction { at, what: "size" }),
    }
}

fn one_of(
    first: Option<Vec<u8>>,
    second: Option<Vec<u8>>,
    at: u64,
    what: &'static str,
) -> Result<Option<Vec<u8>>, TarError> {
    match (first, second) {
        (Some(first), Some(second)) if first != second => Err(TarError::Contradiction { at, what }),
        (first, second) => Ok(first.or(second)),
    }
}

/// Global headers may only comment: anything else would change members that other readers take as they stand.
fn check_global(body: &[u8], at: u64) -> Result<(), TarError> {
    let records = pax::records(body).ok_or(TarError::Damaged { at, what: "PAX record" })?;
    match records.iter().all(|(key, _)| *key == b"comment") {
        true => Ok(()),
        false => Err(TarError::Unsupported { at, flag: b'g' }),
    }
}

fn kind(block: &Block<'_>, path: &[u8], link: Vec<u8>, size: u64, at: u64) -> Result<MemberKind, TarError> {
    let flag = block.typeflag();
    let device = || {
        let (major, minor) = block.device()?;
        Some((u32::try_from(major).ok()?, u32::try_from(minor).ok()?))
    };
    let device = || device().ok_or(TarError::Damaged { at, what: "device number" });
    let kind = match flag {
        0 if path.ends_with(b"/") => MemberKind::Directory,
        b'0' | 0 | b'7' => return Ok(MemberKind::File(size)),
        // Every reader takes the size of a link as that of its target.
        b'1' if !link.is_empty() => return Ok(MemberKind::HardLink(link)),
        b'2' if !link.is_empty() => MemberKind::Symlink(link),
        b'1' | b'2' => return Err(TarError::Damaged { at, what: "link target" }),
        b'3' => device().map(|(major, minor)| MemberKind::CharDevice(major, minor))?,
        b'4' => device().map(|(major, minor)| MemberKind::BlockDevice(major, minor))?,
        b'5' => MemberKind::Directory,
        b'6' => MemberKind::Fifo,
        _ => return Err(TarError::Unsupported { at, flag }),
    };
    if size == 0 { Ok(kind) } else { Err(TarError::Contradiction { at, what: "size" }) }
}
