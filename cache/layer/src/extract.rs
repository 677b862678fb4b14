//! Unpacks local archives as ADD does: owners are kept, links of the target are followed inside it, whiteouts are refused.

use std::io::Read;
use std::os::fd::BorrowedFd;

use containr_tree::{Entry, TreePath};

use crate::tar::{self, Limits, Member, MemberKind, TarReader};
use crate::unpack::{Delta, Destination, Marks, Missing, Pieces, clean, member, place, with_members};
use crate::{Compression, Context, Formats, LayerError};

/// Where and how an archive is unpacked.
pub struct Extract<'a> {
    /// The directory of the delta under construction.
    pub fs: BorrowedFd<'a>,
    /// How the delta notes what it hides: a member may replace something of another type.
    pub marks: &'a dyn Marks,
    /// The merged view of the target as it was before the instruction.
    pub below: Option<BorrowedFd<'a>>,
    /// The directory of the target that the archive goes into, with links already followed.
    pub into: TreePath,
    /// What new directories look like; the archive's own keep their looks.
    pub missing: Missing,
    /// Owner and group for all members instead of the archive's.
    pub owner: Option<(u32, u32)>,
    /// What the delta holds already: later members win over it.
    pub existing: Vec<Entry>,
}

/// Returns whether `file` begins as an archive that ADD unpacks: a tar with at least one member, plain or compressed.
///
/// Content decides, not the name. An empty archive and whatever is damaged at its beginning is an ordinary file.
pub fn is_archive(file: impl Read + Send) -> bool {
    let Ok(plain) = Compression::open(file, Formats::Archive) else { return false };
    let mut reader = TarReader::new(std::io::BufReader::new(plain), Limits::default());
    matches!(reader.next_member(), Ok(Some(_)))
}

/// Unpacks an archive (plain, gzip, bzip2, xz or zstd, told by its content) and returns all entries of the delta.
///
/// # Errors
/// Malformed and hostile archives, whiteout names, links to directories that are not there outside of the destination, or
/// what the file system gives; the delta is then to be thrown away.
pub fn extract_archive(
    archive: &mut (dyn Read + Send),
    options: Extract<'_>,
    limits: Limits,
    context: Context<'_>,
) -> Result<Vec<Entry>, LayerError> {
    let Extract { fs, marks, below, into, missing, owner, existing } = options;
    let missing = Missing { within: Some(into.clone()), ..missing };
    let destination = Destination { fs, marks, below, missing };
    let mut delta = Delta::new(&destination, existing)?;
    let into = delta.locate(&into.join(b"."))?.parent().unwrap_or_default();
    with_members(archive, Formats::Archive, limits, context, |reader| {
        while let Some(mut member) = reader.next_member().map_err(LayerError::reading)? {
            if let Some((uid, gid)) = owner {
                (member.uid, member.gid) = (uid, gid);
            }
            take_member(&mut delta, &into, member, reader)?;
        }
        Ok(())
    })?;
    Ok(delta.finish()?.entries().to_vec())
}

fn take_member(
    delta: &mut Delta<'_>,
    into: &TreePath,
    mut found: Member,
    reader: &mut TarReader<Pieces>,
) -> Result<(), LayerError> {
    let relative = clean(&found.path)?;
    if relative.components().any(|component| component.starts_with(tar::WHITEOUT)) {
        return Err(member(&relative, "has a name that removes files in a layer"));
    }
    if relative.is_root() && found.kind == MemberKind::Directory {
        return Ok(());
    }
    if let MemberKind::HardLink(to) = &mut found.kind {
        *to = into.join(clean(to)?.bytes()).bytes().to_vec();
    }
    place(delta, &into.join(relative.bytes()), found, reader, |name| name == b"security.capability")
}
