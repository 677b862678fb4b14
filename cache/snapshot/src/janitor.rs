//! Deletes trees in the background: a directory that an overlay has used can take milliseconds to go.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use containr_store::{DeltaId, remove_tree};

/// Moves trees to the trash at once and deletes them there on a thread of its own, which ends with it.
#[derive(Debug)]
pub(crate) struct Janitor {
    trash: OwnedFd,
    /// Started by the first tree.
    thread: Mutex<Option<(Sender<CString>, JoinHandle<()>)>>,
}

impl Janitor {
    pub(crate) fn new(trash: OwnedFd) -> Self {
        Self { trash, thread: Mutex::default() }
    }

    pub(crate) fn trash(&self) -> BorrowedFd<'_> {
        self.trash.as_fd()
    }

    /// Takes the tree `name` in `parent` out of sight and deletes it soon; what stays is left to the collector.
    pub(crate) fn discard(&self, parent: BorrowedFd<'_>, name: &CStr) {
        let fresh = DeltaId::random().ok().and_then(|id| CString::new(id.as_str()).ok());
        let moved = fresh.filter(|fresh| rustix::fs::renameat(parent, name, &self.trash, fresh).is_ok());
        match moved {
            Some(fresh) => self.delete(&fresh),
            // Nothing is there, or it cannot be moved.
            None => {
                remove_tree(parent, name);
            }
        }
    }

    /// Deletes the tree `name` in `parent` before it returns, for who has nothing else to do meanwhile.
    pub(crate) fn remove(parent: BorrowedFd<'_>, name: &CStr) {
        remove_tree(parent, name);
    }

    fn delete(&self, name: &CStr) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            *thread = self.start().ok();
        }
        let sent = thread.as_ref().map(|(sender, _)| sender.send(name.to_owned()));
        if !matches!(sent, Some(Ok(()))) {
            remove_tree(self.trash(), name);
        }
    }

    fn start(&self) -> std::io::Result<(Sender<CString>, JoinHandle<()>)> {
        let trash = self.trash.try_clone()?;
        let (sender, names) = channel::<CString>();
        let sweep = move || {
            for name in names {
                remove_tree(trash.as_fd(), &name);
            }
        };
        Ok((sender, std::thread::Builder::new().name("janitor".to_owned()).spawn(sweep)?))
    }
}

impl Drop for Janitor {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            drop(sender);
            // The thread ends after the last tree; that it panicked would only leave trees to the collector.
            let _ = thread.join();
        }
    }
}
