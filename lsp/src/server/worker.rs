//! A thread for long work: what it makes and takes apart stays in one place of memory, and never holds up a message.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use tokio::sync::oneshot;

/// Does one piece of work after the other; its thread begins with the first and ends with the worker.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    queue: Mutex<Option<Sender<Work>>>,
}

type Work = Box<dyn FnOnce() + Send>;

impl Worker {
    /// Does a piece of work and returns what it gives; nothing where there is no thread to be had.
    pub(crate) async fn ask<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        // Who asked may be gone by then.
        self.tell(move || drop(answer.send(work())));
        answered.await.ok()
    }

    /// Does a piece of work at some time.
    pub(crate) fn tell(&self, work: impl FnOnce() + Send + 'static) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.is_none() {
            *queue = begin();
        }
        if let Some(sender) = queue.as_ref() {
            // The thread listens as long as there is a sender.
            let _ = sender.send(Box::new(work));
        }
    }
}

fn begin() -> Option<Sender<Work>> {
    let (sender, receiver) = channel::<Work>();
    let thread = Builder::new().name("judge".to_owned()).spawn(move || receiver.into_iter().for_each(|work| work()));
    thread.ok().map(|_| sender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_in_its_order() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let worker = Worker::default();
        let (seen, heard) = channel();
        for index in 0..10 {
            let seen = seen.clone();
            worker.tell(move || seen.send(index).unwrap());
        }
        assert_eq!(runtime.block_on(worker.ask(|| 7)), Some(7));
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    }
}
