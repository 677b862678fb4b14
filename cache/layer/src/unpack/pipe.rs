//! Passes bytes from the thread that reads the source to the one that inflates, and from there to the one that reads the
//! archive and the one that hashes.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use containr_oci::Hasher;
use containr_progress::Cancel;

use crate::seal::Stream;

/// How many bytes travel together.
const CHUNK: usize = 128 * 1024;
/// How many chunks wait before a thread.
pub(super) const QUEUE: usize = 16;
/// How many chunks are read ahead of the thread that inflates.
pub(super) const AHEAD: usize = 4;

/// What travels: bytes, or the error that ended the stream; the end is a closed channel.
pub(super) type Piece = io::Result<Arc<[u8]>>;

/// Reads `input` to its end ahead of whoever takes the pieces; ends early when nobody does any more.
///
/// The source has work of its own: the socket, the digest of the compressed bytes, the copy that is kept.
pub(super) fn read_ahead(input: &mut dyn Read, pieces: &SyncSender<Piece>) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let piece = match read_full(input, &mut buffer) {
            Ok(0) => return,
            Ok(length) => Ok(Arc::<[u8]>::from(&buffer[..length])),
            Err(error) => Err(error),
        };
        let last = piece.is_err();
        if pieces.send(piece).is_err() || last {
            return;
        }
    }
}

/// Reads `input` to its end and hands every piece to both threads; ends early when the reader went away.
pub(super) fn feed(
    input: &mut dyn Read,
    to_reader: &SyncSender<Piece>,
    to_hasher: &SyncSender<Arc<[u8]>>,
    cancel: &Cancel,
) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let piece = match cancel.check().map_err(io::Error::other).and_then(|()| read_full(input, &mut buffer)) {
            Ok(0) => return,
            Ok(length) => Arc::<[u8]>::from(&buffer[..length]),
            Err(error) => {
                // A reader that has ended has its own reason.
                drop(to_reader.send(Err(error)));
                return;
            }
        };
        let hashed = to_hasher.send(piece.clone()).is_ok();
        if !hashed || to_reader.send(Ok(piece)).is_err() {
            return;
        }
    }
}

fn read_full(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match input.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Digests all pieces.
pub(super) fn hash(pieces: &Receiver<Arc<[u8]>>) -> Stream {
    let mut hasher = Hasher::sha256();
    let mut size = 0;
    for piece in pieces {
        hasher.update(&piece);
        size += piece.len() as u64;
    }
    Stream { diff_id: hasher.finish(), size }
}

/// The receiving end as a stream of bytes.
pub(crate) struct Pieces {
    queue: Receiver<Piece>,
    current: Arc<[u8]>,
    used: usize,
}

impl Pieces {
    pub(super) fn new(queue: Receiver<Piece>) -> Self {
        Self { queue, current: Arc::default(), used: 0 }
    }
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.current.len()
            && let Ok(piece) = self.queue.recv()
        {
            self.current = piece?;
            self.used = 0;
        }
        Ok(&self.current[self.used..])
    }

    fn consume(&mut self, amount: usize) {
        self.used = (self.used + amount).min(self.current.len());
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.fill_buf()?;
        let length = piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        self.consume(length);
        Ok(length)
    }
}
