//! Writes a plan into the delta's directory: directories first, then files on several threads, then links, then what
//! directories keep only once nothing more is put into them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;

use containr_graph::{CopyKeyed, CopySource};
use containr_progress::Cancel;
use containr_sys::beneath::{self, Links};
use containr_sys::{owner, sparse};
use containr_tree::{Entry, Kind, Listing, TreePath};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Timespec, Timestamps, XattrFlags};
use rustix::io::Errno;

use crate::place::{Content, Draft, Output, State, is_directory};
use crate::select::Selection;
use crate::{CopyError, threads, transfer};

/// Files up to this size go through a buffer, which is cheaper than asking the kernel to copy.
const SMALL: u64 = 64 * 1024;

/// Everything that writing needs beside the plan.
pub(crate) struct Writer<'a> {
    pub(crate) op: Option<&'a CopyKeyed>,
    pub(crate) selection: Option<&'a Selection>,
    /// The root of the source.
    pub(crate) from: Option<BorrowedFd<'a>>,
    /// The directory of the delta.
    pub(crate) into: BorrowedFd<'a>,
    /// An older delta of the same step, to link unchanged files from.
    pub(crate) previous: Option<(BorrowedFd<'a>, &'a Listing)>,
    pub(crate) threads: usize,
    pub(crate) cancel: &'a Cancel,
}

/// Directories that neighbouring files share, opened once.
#[derive(Default)]
struct Opened {
    into: Option<(TreePath, OwnedFd)>,
    previous: Option<(TreePath, OwnedFd)>,
    buffer: Vec<u8>,
}

impl Writer<'_> {
    /// Puts everything on disk that is only planned; directories stay writable.
    pub(crate) fn flush(&self, draft: &mut Draft<'_>) -> Result<(), CopyError> {
        let links = draft.links();
        let planned = |output: &&mut Output| output.state == State::Planned;
        let mut rest = Vec::new();
        for output in draft.outputs.values_mut().filter(planned) {
            output.state = State::OnDisk;
            if is_directory(&output.entry) {
                self.make_directory(&output.entry)?;
            } else {
                rest.push(output);
            }
        }
        let (mut further, mut first): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|output| links.contains_key(&output.entry.path));
        threads::for_each(&mut first, self.threads, |opened, output| self.make(opened, output))?;
        let mut opened = Opened::default();
        further.iter_mut().try_for_each(|output| self.make_link(&mut opened, &output.entry, &links))
    }

    /// Puts the rest on disk and gives directories their final owner, mode, attributes and time.
    pub(crate) fn finish(&self, mut draft: Draft<'_>) -> Result<Listing, CopyError> {
        draft.forget_untouched();
        self.flush(&mut draft)?;
        for output in draft.outputs.values().rev().filter(|output| is_directory(&output.entry)) {
            let entry = &output.entry;
            let fd = self.open_directory(self.into, &entry.path).map_err(|e| write_error(&entry.path, e))?;
            dress(&fd, entry).map_err(|e| write_error(&entry.path, e))?;
        }
        Ok(Listing::from_sorted(draft.entries())?)
    }

    fn make_directory(&self, entry: &Entry) -> Result<(), CopyError> {
        let fail = |error: Errno| write_error(&entry.path, error);
        let parent = self.open_directory(self.into, &entry.path.parent().unwrap_or_default()).map_err(fail)?;
        match rustix::fs::mkdirat(&parent, last(&entry.path), Mode::RWXU) {
            // An archive may have made it before.
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(fail(error)),
        }
    }

    /// Makes a file, symbolic link, pipe or device.
    fn make(&self, opened: &mut Opened, output: &Output) -> Result<(), CopyError> {
        self.cancel.check()?;
        let entry = &output.entry;
        if self.link_previous(opened, entry) {
            return Ok(());
        }
        let Opened { into, buffer, .. } = opened;
        let parent = self.parent(into, self.into, entry).map_err(|e| write_error(&entry.path, e))?;
        match &entry.kind {
            Kind::File { .. } => self.make_file(parent, output, buffer),
            Kind::Symlink { target } => {
                let target = OsStr::from_bytes(target);
                let made = replace(parent, entry, || rustix::fs::symlinkat(target, parent, last(&entry.path)));
                made.map_err(io::Error::from)
                    .and_then(|()| dress_node(parent, entry))
                    .map_err(|e| write_error(&entry.path, e))
            }
            kind => {
                let (file_type, device) = match kind {
                    Kind::CharDevice { major, minor } => {
                        (FileType::CharacterDevice, rustix::fs::makedev(*major, *minor))
                    }
                    Kind::BlockDevice { major, minor } => (FileType::BlockDevice, rustix::fs::makedev(*major, *minor)),
                    _ => (FileType::Fifo, 0),
                };
                let mode = Mode::RUSR | Mode::WUSR;
                let make = || rustix::fs::mknodat(parent, last(&entry.path), file_type, mode, device);
                let made = replace(parent, entry, make).map_err(io::Error::from).and_then(|()| {
                    owner::set_at(parent, last(&entry.path), entry.uid, entry.gid)?;
                    Ok(rustix::fs::chmodat(parent, last(&entry.path), bits(entry), AtFlags::empty())?)
                });
                made.and_then(|()| Ok(set_time(parent, entry)?)).map_err(|e| write_error(&entry.path, e))
            }
        }
    }

    fn make_file(&self, parent: BorrowedFd<'_>, output: &Output, buffer: &mut Vec<u8>) -> Result<(), CopyError> {
        let entry = &output.entry;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let make = || rustix::fs::openat(parent, last(&entry.path), flags, Mode::RUSR | Mode::WUSR);
        let file = File::from(replace(parent, entry, make).map_err(|e| write_error(&entry.path, e))?);
        match output.content {
            Content::Selected(group, position) => self.fill(&file, (group, position), entry, buffer)?,
            Content::Inline(position) => {
                let op = self.op.expect("an inline file belongs to a COPY");
                let CopySource::Inline(inline) = &op.sources[position] else {
                    unreachable!("the content was made from this source")
                };
                (&file)
                    .write_all(&inline.content)
                    .map_err(|source| CopyError::Write { path: entry.path.clone(), source })?;
            }
            Content::None | Content::Written => {}
        }
        dress(&file, entry).map_err(|e| write_error(&entry.path, e))
    }

    /// Copies the bytes of a selected file and proves that it is still the file that was hashed.
    fn fill(&self, to: &File, at: (usize, usize), entry: &Entry, buffer: &mut Vec<u8>) -> Result<(), CopyError> {
        let selection = self.selection.expect("a selected file belongs to a selection");
        let origin = &selection.groups[at.0].origins[at.1];
        let root = self.from.expect("a selected file has a source");
        let Kind::File { size, .. } = entry.kind else { unreachable!("only files are filled") };
        let mut from = transfer::open_source(root, &origin.path)?;
        let failed = |source| CopyError::Write { path: entry.path.clone(), source };
        let copied = if size <= SMALL {
            buffer.clear();
            let read = (&mut from).take(SMALL + 1).read_to_end(buffer);
            read.map_err(|source| CopyError::Read { path: origin.path.clone(), source })?;
            let mut to = to;
            to.write_all(buffer).map_err(failed)?;
            buffer.len() as u64
        } else {
            sparse::copy(&from, to, size).map_err(failed)?
        };
        if copied != size {
            return Err(CopyError::Changed(origin.path.clone()));
        }
        transfer::check_stamp(&from, origin.stamp.as_ref(), &origin.path)
    }

    /// Links an unchanged file from the older delta; says whether it did.
    fn link_previous(&self, opened: &mut Opened, entry: &Entry) -> bool {
        let Some((root, listing)) = self.previous else { return false };
        let equal = matches!(entry.kind, Kind::File { digest: Some(_), .. }) && listing.get(&entry.path) == Some(entry);
        let Opened { into, previous, .. } = opened;
        // Any failure (another file system, too many names) only means that the bytes are copied.
        let mut link = || -> Result<(), Errno> {
            let from = self.parent(previous, root, entry)?;
            let to = self.parent(into, self.into, entry)?;
            let name = last(&entry.path);
            replace(to, entry, || rustix::fs::linkat(from, name, to, name, AtFlags::empty()))
        };
        equal && link().is_ok()
    }

    fn make_link(
        &self,
        opened: &mut Opened,
        entry: &Entry,
        links: &HashMap<TreePath, TreePath>,
    ) -> Result<(), CopyError> {
        let fail = |error: Errno| write_error(&entry.path, error);
        let first = &links[&entry.path];
        let from = self.open_directory(self.into, &first.parent().unwrap_or_default()).map_err(fail)?;
        let to = self.parent(&mut opened.into, self.into, entry).map_err(fail)?;
        let make = || rustix::fs::linkat(&from, last(first), to, last(&entry.path), AtFlags::empty());
        replace(to, entry, make).map_err(fail)
    }

    /// Returns the directory of an entry, opened once for neighbours.
    fn parent<'o>(
        &self,
        opened: &'o mut Option<(TreePath, OwnedFd)>,
        root: BorrowedFd<'_>,
        entry: &Entry,
    ) -> Result<BorrowedFd<'o>, Errno> {
        let path = entry.path.parent().unwrap_or_default();
        if opened.as_ref().is_none_or(|(known, _)| *known != path) {
            let fd = self.open_directory(root, &path)?;
            *opened = Some((path, fd));
        }
        Ok(opened.as_ref().expect("it was just opened").1.as_fd())
    }

    fn open_directory(&self, root: BorrowedFd<'_>, path: &TreePath) -> Result<OwnedFd, Errno> {
        beneath::open(root, path.as_path(), OFlags::RDONLY | OFlags::DIRECTORY, Links::Refused)
    }
}

/// Makes an entry, in place of what an earlier source of the same COPY has left there.
fn replace<T>(parent: BorrowedFd<'_>, entry: &Entry, make: impl Fn() -> Result<T, Errno>) -> Result<T, Errno> {
    match make() {
        Err(Errno::EXIST) => {
            rustix::fs::unlinkat(parent, last(&entry.path), AtFlags::empty())?;
            make()
        }
        made => made,
    }
}

/// Gives an open file or directory its owner, mode, attributes and time, in the order in which none undoes another.
fn dress(fd: impl std::os::fd::AsFd, entry: &Entry) -> io::Result<()> {
    if (entry.uid, entry.gid) != own_ids() {
        owner::set(fd.as_fd(), entry.uid, entry.gid)?;
    }
    for (name, value) in &entry.xattrs {
        rustix::fs::fsetxattr(&fd, &**name, value, XattrFlags::empty())?;
    }
    rustix::fs::fchmod(&fd, bits(entry))?;
    Ok(rustix::fs::futimens(&fd, &times(entry))?)
}

/// Gives a symbolic link its owner and time.
fn dress_node(parent: BorrowedFd<'_>, entry: &Entry) -> io::Result<()> {
    if (entry.uid, entry.gid) != own_ids() {
        owner::set_at(parent, last(&entry.path), entry.uid, entry.gid)?;
    }
    Ok(set_time(parent, entry)?)
}

fn set_time(parent: BorrowedFd<'_>, entry: &Entry) -> Result<(), Errno> {
    rustix::fs::utimensat(parent, last(&entry.path), &times(entry), AtFlags::SYMLINK_NOFOLLOW)
}

fn own_ids() -> (u32, u32) {
    (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw())
}

fn bits(entry: &Entry) -> Mode {
    Mode::from_raw_mode(entry.mode)
}

fn times(entry: &Entry) -> Timestamps {
    let time = Timespec { tv_sec: entry.mtime, tv_nsec: 0 };
    Timestamps { last_access: time, last_modification: time }
}

fn last(path: &TreePath) -> &OsStr {
    OsStr::from_bytes(path.file_name())
}

fn write_error(path: &TreePath, source: impl Into<io::Error>) -> CopyError {
    CopyError::Write { path: path.clone(), source: source.into() }
}
