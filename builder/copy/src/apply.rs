//! Writes what a selection brings into a delta.

use std::error::Error;
use std::fs::File;
use std::os::fd::BorrowedFd;

use containr_graph::{CopyKeyed, CopyKind, Unpack};
use containr_progress::Cancel;
use containr_tree::{Entry, Kind, Listing, TreePath};

use crate::place::{Draft, Rules};
use crate::select::{Group, Selection, Shape};
use crate::target::Target;
use crate::write::Writer;
use crate::{CopyError, transfer};

/// Unpacks archives for ADD; the room that knows archives fills it in.
pub trait Extractor: Sync {
    /// Returns whether a file holds a tar archive, compressed or not, with at least one entry; the file is at its beginning
    /// before and after.
    ///
    /// # Errors
    /// Only when the file cannot be read; broken archives are none.
    fn is_archive(&self, file: &File) -> Result<bool, Box<dyn Error + Send + Sync>>;

    /// Unpacks an archive into a delta and returns all that the delta holds then, what it held before included.
    ///
    /// # Errors
    /// Damaged archives, entries that lead outside, and whatever writing gives.
    fn extract(&self, request: &Extraction<'_>) -> Result<Vec<Entry>, Box<dyn Error + Send + Sync>>;
}

/// One archive to unpack.
#[derive(Debug)]
pub struct Extraction<'a> {
    /// The archive, at its beginning.
    pub archive: &'a File,
    /// The directory of the delta.
    pub into: BorrowedFd<'a>,
    /// Where in the delta the entries go; the directory exists.
    pub destination: &'a TreePath,
    /// The merged tree below the delta, whose links are followed inside it.
    pub target: Option<BorrowedFd<'a>>,
    /// The owner that `--chown` gives to every entry.
    pub owner: Option<(u32, u32)>,
    /// What the delta holds already.
    pub existing: Vec<Entry>,
    /// Seconds since 1970 for directories that the archive needs and does not have.
    pub time: i64,
}

/// The surroundings of one COPY or ADD.
pub struct Apply<'a> {
    /// The root that the selection's files are read from; nothing when all sources are inline.
    pub from: Option<BorrowedFd<'a>>,
    /// The merged tree of the parent, read-only; nothing for scratch. Linked copies do not look at it.
    pub target: Option<BorrowedFd<'a>>,
    /// The directory of the delta, empty.
    pub into: BorrowedFd<'a>,
    /// An older delta of the same step; unchanged files become hard links to its files.
    pub previous: Option<(BorrowedFd<'a>, &'a Listing)>,
    /// Unpacks archives for ADD.
    pub extractor: &'a dyn Extractor,
    /// Seconds since 1970 for directories that are made on the way and for heredocs.
    pub time: i64,
    /// How many threads may copy.
    pub threads: usize,
    /// Ends the copying.
    pub cancel: &'a Cancel,
}

/// Writes the selected files into the delta and returns its listing, digests included except for unpacked archives.
///
/// # Errors
/// Destinations of the wrong type, unknown owners, files that changed since they were selected, and whatever reading
/// and writing give.
pub fn apply(op: &CopyKeyed, selection: &Selection, request: &Apply<'_>) -> Result<Listing, CopyError> {
    let target = Target::new(request.target.filter(|_| !op.link));
    let mut draft = Draft::new(target, Rules::new(op, &target, request.time)?);
    let writer = Writer {
        op: Some(op),
        selection: Some(selection),
        from: request.from,
        into: request.into,
        previous: request.previous,
        threads: request.threads,
        cancel: request.cancel,
    };
    for (index, group) in selection.groups.iter().enumerate() {
        match archive(op, group, request)? {
            Some(archive) => {
                let destination = draft.place_archive(op)?;
                writer.flush(&mut draft)?;
                let extraction = Extraction {
                    archive: &archive,
                    into: request.into,
                    destination: &destination,
                    target: request.target.filter(|_| !op.link),
                    owner: draft.chown().map(|owner| (owner.uid, owner.gid)),
                    existing: draft.entries(),
                    time: request.time,
                };
                let failed = |source| CopyError::Archive { path: group.origins[0].path.clone(), source };
                draft.adopt_written(request.extractor.extract(&extraction).map_err(failed)?)?;
                transfer::check_stamp(&archive, group.origins[0].stamp.as_ref(), &group.origins[0].path)?;
            }
            None => draft.place(op, selection, index)?,
        }
    }
    writer.finish(draft)
}

/// Opens a group's file when ADD unpacks it.
fn archive(op: &CopyKeyed, group: &Group, request: &Apply<'_>) -> Result<Option<File>, CopyError> {
    let unpacks = op.kind == CopyKind::Add && op.unpack != Unpack::Never && matches!(group.shape, Shape::Single(_));
    let is_file = group.listing.entries().first().is_some_and(|entry| matches!(entry.kind, Kind::File { .. }));
    let (Some(root), true) = (request.from, unpacks && is_file) else { return Ok(None) };
    let path = &group.origins[0].path;
    let file = transfer::open_source(root, path)?;
    let failed = |source| CopyError::Archive { path: path.clone(), source };
    let found = request.extractor.is_archive(&file).map_err(failed)?;
    Ok(found.then_some(file))
}
