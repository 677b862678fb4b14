//! Makes a layer of a tree: one read of the content feeds the digests of the files, the tar, its digest and the codec.

use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use containr_oci::{Digest, Hasher};
use containr_sys::sparse::{Extent, Extents};
use containr_tree::{Entry, Kind, Listing, TreePath};
use rustix::fs::OFlags;
use sha2::Digest as _;

use crate::{Codec, Context, LayerError};
use crate::{attributes, tar};

/// How many bytes of tar travel together between the threads.
const CHUNK: usize = 256 * 1024;
/// How many chunks wait before a hashing thread.
const QUEUE: usize = 4;

/// What to do with the digests of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digests {
    /// Leave them as they are.
    Keep,
    /// Compute those that are missing.
    Fill,
}

/// The uncompressed tar of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// Its digest.
    pub diff_id: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// Writes the layer of `listing`, whose files lie in the directory `fs`, to `out` through `codec`.
///
/// # Errors
/// A file that is missing or has another size than its entry says is [`LayerError::Changed`].
pub fn seal_into(
    fs: BorrowedFd<'_>,
    listing: &mut Listing,
    digests: Digests,
    codec: Codec,
    out: &mut (dyn Write + Send),
    context: Context<'_>,
) -> Result<Stream, LayerError> {
    let wanted = match digests {
        Digests::Keep => Vec::new(),
        Digests::Fill => missing_digests(listing),
    };
    let (stream, found) =
        codec.compress(context.threads, out, |sink| hash_while_writing(fs, listing, &wanted, sink, context))?;
    for (index, hash) in found {
        if let Kind::File { digest, .. } = &mut listing.entries_mut()[index].kind {
            *digest = Some(hash);
        }
    }
    Ok(stream)
}

/// Writes the plain tar of `listing`, whose files lie in the directory `fs`.
///
/// # Errors
/// As for [`seal_into`].
pub fn write_tar(
    fs: BorrowedFd<'_>,
    listing: &Listing,
    out: &mut dyn Write,
    context: Context<'_>,
) -> Result<(), LayerError> {
    let mut writer = Writer {
        chunk: Chunk::default(),
        wanted: &[],
        sink: &mut |chunk: Chunk| out.write_all(&chunk.bytes).map_err(LayerError::Output),
    };
    writer.tree(fs, listing, context)
}

fn missing_digests(listing: &Listing) -> Vec<bool> {
    listing.entries().iter().map(|entry| matches!(entry.kind, Kind::File { digest: None, .. })).collect()
}

/// A piece of the tar, with the places in it that belong to files whose digest is wanted.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    parts: Vec<Part>,
}

struct Part {
    range: Range<usize>,
    entry: usize,
    /// Whether the file ends here.
    last: bool,
}

type FileDigest = (usize, [u8; 32]);

fn hash_while_writing(
    fs: BorrowedFd<'_>,
    listing: &Listing,
    wanted: &[bool],
    sink: &mut dyn Write,
    context: Context<'_>,
) -> Result<(Stream, Vec<FileDigest>), LayerError> {
    thread::scope(|scope| {
        let (tar_chunks, tar_queue) = sync_channel(QUEUE);
        let tar_hasher = scope.spawn(move || hash_tar(&tar_queue));
        let files = wanted.contains(&true).then(|| {
            let (chunks, queue) = sync_channel(QUEUE);
            (chunks, scope.spawn(move || hash_files(&queue)))
        });
        let (file_chunks, file_hasher) = files.unzip();
        let mut pass = |chunk: Chunk| {
            let chunk = Arc::new(chunk);
            send(&tar_chunks, &chunk);
            if let Some(chunks) = file_chunks.as_ref().filter(|_| !chunk.parts.is_empty()) {
                send(chunks, &chunk);
            }
            sink.write_all(&chunk.bytes).map_err(LayerError::Output)
        };
        let written = Writer { chunk: Chunk::default(), wanted, sink: &mut pass }.tree(fs, listing, context);
        drop((tar_chunks, file_chunks));
        let stream = tar_hasher.join().expect("hashing does not panic");
        let found = file_hasher.map(|thread| thread.join().expect("hashing does not panic")).unwrap_or_default();
        written.map(|()| (stream, found))
    })
}

fn send(chunks: &SyncSender<Arc<Chunk>>, chunk: &Arc<Chunk>) {
    chunks.send(chunk.clone()).expect("a hashing thread lives until its channel is closed");
}

fn hash_tar(chunks: &Receiver<Arc<Chunk>>) -> Stream {
    let mut hasher = Hasher::sha256();
    let mut size = 0;
    for chunk in chunks {
        hasher.update(&chunk.bytes);
        size += chunk.bytes.len() as u64;
    }
    Stream { diff_id: hasher.finish(), size }
}

fn hash_files(chunks: &Receiver<Arc<Chunk>>) -> Vec<FileDigest> {
    let mut found = Vec::new();
    let mut hasher = sha2::Sha256::new();
    for chunk in chunks {
        for part in &chunk.parts {
            hasher.update(&chunk.bytes[part.range.clone()]);
            if part.last {
                found.push((part.entry, hasher.finalize_reset().into()));
            }
        }
    }
    found
}

/// Writes a tar into chunks of at least [`CHUNK`] bytes.
struct Writer<'a> {
    chunk: Chunk,
    wanted: &'a [bool],
    sink: &'a mut dyn FnMut(Chunk) -> Result<(), LayerError>,
}

impl Writer<'_> {
    fn tree(&mut self, fs: BorrowedFd<'_>, listing: &Listing, context: Context<'_>) -> Result<(), LayerError> {
        self.chunk.bytes.reserve_exact(CHUNK);
        for (index, entry) in listing.entries().iter().enumerate() {
            context.cancel.check()?;
            tar::header(entry, &mut self.chunk.bytes)?;
            match entry.kind {
                Kind::Directory { opaque: true } => tar::opaque_marker(entry, &mut self.chunk.bytes)?,
                Kind::File { size, .. } => self.file(fs, entry, index, size, context)?,
                _ => {}
            }
            self.pass_when_full()?;
        }
        self.chunk.bytes.extend_from_slice(&tar::TRAILER);
        self.pass()
    }

    fn file(
        &mut self,
        fs: BorrowedFd<'_>,
        entry: &Entry,
        index: usize,
        size: u64,
        context: Context<'_>,
    ) -> Result<(), LayerError> {
        let wanted = self.wanted.get(index).copied().unwrap_or(false);
        let file = open(fs, &entry.path, size)?;
        for extent in Extents::of(file.as_fd(), size) {
            let (mut range, source) = match extent {
                Extent::Data(range) => (range, Some(&file)),
                Extent::Hole(range) => (range, None),
            };
            while range.start < range.end {
                self.pass_when_full()?;
                context.cancel.check()?;
                let taken = self.take(&range, source, &entry.path)?;
                range.start += taken as u64;
                if wanted {
                    let end = self.chunk.bytes.len();
                    let last = range.start == size;
                    self.chunk.parts.push(Part { range: end - taken..end, entry: index, last });
                }
            }
        }
        if wanted && size == 0 {
            let at = self.chunk.bytes.len();
            self.chunk.parts.push(Part { range: at..at, entry: index, last: true });
        }
        self.chunk.bytes.resize(self.chunk.bytes.len() + tar::padding(size), 0);
        Ok(())
    }

    /// Adds as much of a range as the chunk has room for: bytes of the file, or the zeros of a hole.
    fn take(&mut self, range: &Range<u64>, source: Option<&File>, path: &TreePath) -> Result<usize, LayerError> {
        let start = self.chunk.bytes.len();
        let room = (CHUNK - start) as u64;
        let taken = usize::try_from(room.min(range.end - range.start)).expect("a chunk fits into memory");
        self.chunk.bytes.resize(start + taken, 0);
        if let Some(file) = source {
            fill(file, range.start, &mut self.chunk.bytes[start..], path)?;
        }
        Ok(taken)
    }

    fn pass_when_full(&mut self) -> Result<(), LayerError> {
        if self.chunk.bytes.len() < CHUNK { Ok(()) } else { self.pass() }
    }

    fn pass(&mut self) -> Result<(), LayerError> {
        let next = Chunk { bytes: Vec::with_capacity(CHUNK), parts: Vec::new() };
        (self.sink)(std::mem::replace(&mut self.chunk, next))
    }
}

/// Opens a file without following links and checks that it still is what its entry says.
fn open(fs: BorrowedFd<'_>, path: &TreePath, size: u64) -> Result<File, LayerError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = attributes::open(fs, path, flags).map_err(LayerError::file("open", path))?;
    let stat = rustix::fs::fstat(&file).map_err(LayerError::file("look at", path))?;
    let regular = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    if !regular || u64::try_from(stat.st_size) != Ok(size) {
        return Err(LayerError::Changed(path.clone()));
    }
    Ok(File::from(file))
}

fn fill(file: &File, at: u64, buffer: &mut [u8], path: &TreePath) -> Result<(), LayerError> {
    file.read_exact_at(buffer, at).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => LayerError::Changed(path.clone()),
        _ => LayerError::File { action: "read", path: path.clone(), source: error },
    })
}
