//! Shares a slice of work between scoped threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Fewer items than this are not worth a thread.
const FEW: usize = 32;

/// Runs `work` on every item with a state that neighbours share; the first error (in time) ends the rest and is returned.
pub(crate) fn for_each<T: Send, S: Default, E: Send>(
    items: &mut [T],
    threads: usize,
    work: impl Fn(&mut S, &mut T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let threads = threads.min(items.len().div_ceil(FEW)).max(1);
    if threads == 1 {
        let mut state = S::default();
        return items.iter_mut().try_for_each(|item| work(&mut state, item));
    }
    // Neighbours go to the same thread, which keeps its directories open and the disk in order.
    let chunk = items.len().div_ceil(threads * 8).max(1);
    let chunks: Vec<Mutex<&mut [T]>> = items.chunks_mut(chunk).map(Mutex::new).collect();
    let (next, failed, error) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::new(None));
    let run = || {
        let mut state = S::default();
        while !failed.load(Ordering::Relaxed) {
            let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
            let mut chunk = chunk.lock().expect("each chunk has one thread");
            if let Err(cause) = chunk.iter_mut().try_for_each(|item| work(&mut state, item)) {
                failed.store(true, Ordering::Relaxed);
                error.lock().expect("storing does not panic").get_or_insert(cause);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
    match error.into_inner().expect("storing does not panic") {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
