//! Compresses pieces on several threads and joins them in order, with a bound on how many are under way.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Worker;
use crate::LayerError;

type Compressed = io::Result<Vec<u8>>;

/// A piece with the place where its compressed form is awaited.
struct Job {
    piece: Vec<u8>,
    result: Sender<Compressed>,
}

/// Buffers that wait for their next use: pieces are large, and fresh memory costs page faults.
#[derive(Default)]
struct Pool(Mutex<Vec<Vec<u8>>>);

impl Pool {
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

/// Runs `produce` on this thread, the workers and the writer on their own.
pub(super) fn compress<T>(
    workers: Vec<Worker>,
    piece_bytes: usize,
    out: &mut (dyn Write + Send),
    produce: impl FnOnce(&mut dyn Write) -> Result<T, LayerError>,
) -> Result<T, LayerError> {
    let pieces = Pool::default();
    let outputs = Pool::default();
    thread::scope(|scope| {
        // The next piece fills while each worker has one; none waits between, as that would only cost memory.
        let (jobs, job_queue) = sync_channel::<Job>(0);
        let (places, place_queue) = sync_channel::<Receiver<Compressed>>(workers.len());
        let job_queue = std::sync::Arc::new(Mutex::new(job_queue));
        for worker in workers {
            let (queue, pieces, outputs) = (job_queue.clone(), &pieces, &outputs);
            scope.spawn(move || work(worker, &queue, pieces, outputs));
        }
        drop(job_queue);
        let outputs = &outputs;
        let writer = scope.spawn(move || write(&place_queue, out, outputs));
        let mut cutter = Cutter { piece: pieces.take(), piece_bytes, any: false, jobs, places, pieces: &pieces };
        let produced = produce(&mut cutter).and_then(|value| {
            cutter.finish().map_err(LayerError::Output)?;
            Ok(value)
        });
        drop(cutter);
        // The writer's own failure is the cause; the producer has only seen a closed channel then.
        writer.join().expect("the writer does not panic").map_err(LayerError::Output)?;
        produced
    })
}

fn work(mut worker: Worker, queue: &Mutex<Receiver<Job>>, pieces: &Pool, outputs: &Pool) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { piece, result }) = job else { return };
        let mut compressed = outputs.take();
        let outcome = worker.compress(&piece, &mut compressed).map(|()| compressed);
        pieces.give(piece);
        // Nobody waits any more when the writer failed; the producer ends at its next piece.
        drop(result.send(outcome));
    }
}

fn write(places: &Receiver<Receiver<Compressed>>, out: &mut dyn Write, outputs: &Pool) -> io::Result<()> {
    for place in places {
        // A worker that went away without an answer has panicked, and the scope passes that on.
        let compressed = place.recv().map_err(|_| io::Error::other("compressing ended early"))??;
        out.write_all(&compressed)?;
        outputs.give(compressed);
    }
    out.flush()
}

/// Cuts what is written into pieces and hands them out.
struct Cutter<'a> {
    piece: Vec<u8>,
    piece_bytes: usize,
    any: bool,
    jobs: SyncSender<Job>,
    places: SyncSender<Receiver<Compressed>>,
    pieces: &'a Pool,
}

impl Cutter<'_> {
    fn hand_out(&mut self) -> io::Result<()> {
        self.any = true;
        let (result, place) = channel();
        let piece = std::mem::replace(&mut self.piece, self.pieces.take());
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        self.places.send(place).map_err(|_| closed())?;
        self.jobs.send(Job { piece, result }).map_err(|_| closed())
    }

    /// Hands out what is left; a stream has at least one piece.
    fn finish(&mut self) -> io::Result<()> {
        if self.piece.is_empty() && self.any { Ok(()) } else { self.hand_out() }
    }
}

impl Write for Cutter<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.piece.capacity() < self.piece_bytes {
            self.piece.reserve_exact(self.piece_bytes - self.piece.len());
        }
        let taken = data.len().min(self.piece_bytes - self.piece.len());
        self.piece.extend_from_slice(&data[..taken]);
        if self.piece.len() == self.piece_bytes {
            self.hand_out()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
