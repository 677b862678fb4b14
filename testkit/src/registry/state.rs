//! Everything that a scripted registry remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use containr_oci::Digest;

use super::faults::{Corruption, Faults};

/// What was moved and asked.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Bytes of blobs that were sent.
    pub sent_bytes: u64,
    /// Bytes of uploads that were read.
    pub received_bytes: u64,
    /// All requests in the order of their arrival.
    pub requests: Vec<Logged>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The verb.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Value of `Authorization`, empty without.
    pub authorization: String,
    /// Value of `X-Test`, empty without.
    pub test_header: String,
}

impl Counts {
    /// Returns how many requests had this verb and a path with this part.
    pub fn of(&self, method: &str, part: &str) -> usize {
        self.requests.iter().filter(|request| request.method == method && request.target.contains(part)).count()
    }
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) faults: Faults,
    pub(super) counts: Counts,
    pub(super) blobs: BTreeMap<Digest, Arc<[u8]>>,
    pub(super) manifests: BTreeMap<Digest, (String, Vec<u8>)>,
    pub(super) tags: BTreeMap<(String, String), Digest>,
    pub(super) uploads: BTreeMap<String, Vec<u8>>,
    /// Scopes by live token.
    pub(super) tokens: BTreeMap<String, BTreeSet<String>>,
    pub(super) next: u64,
    pub(super) busy_answers: BTreeMap<String, u32>,
    pub(super) blob_gets: u32,
    connections: BTreeMap<u64, TcpStream>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) host: String,
    inner: Mutex<Inner>,
    stopped: AtomicBool,
    wake: Condvar,
}

impl State {
    pub(super) fn new(host: String) -> Self {
        Self { host, inner: Mutex::default(), stopped: AtomicBool::new(false), wake: Condvar::new() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Ends all connections and stalls.
    pub(super) fn stop(&self) {
        let inner = self.lock();
        self.stopped.store(true, Ordering::Release);
        for connection in inner.connections.values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
        self.wake.notify_all();
    }

    /// Keeps a handle so that [`Self::stop`] can end the connection, and returns its number.
    pub(super) fn keep(&self, stream: &TcpStream) -> u64 {
        let mut inner = self.lock();
        let number = inner.number();
        if let Ok(handle) = stream.try_clone() {
            inner.connections.insert(number, handle);
        }
        number
    }

    /// Lets go of a connection's handle: only the last one closes the socket, and resets it where a body was not read.
    pub(super) fn release(&self, number: u64) {
        self.lock().connections.remove(&number);
    }

    /// Does nothing until the registry ends.
    pub(super) fn stall(&self) {
        let guard = self.lock();
        drop(self.wake.wait_while(guard, |_| !self.is_stopped()));
    }
}

impl Inner {
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn store_manifest(&mut self, repository: &str, tag: &str, media_type: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.manifests.insert(digest, (media_type.to_owned(), bytes.to_vec()));
        self.tags.insert((repository.to_owned(), tag.to_owned()), digest);
        digest
    }

    /// Returns the bytes to serve for a blob, wrong ones where that is wanted.
    pub(super) fn served_blob(&mut self, digest: &Digest) -> Option<Arc<[u8]>> {
        let bytes = self.blobs.get(digest)?.clone();
        if self.faults.corruption == Corruption::Never {
            return Some(bytes);
        }
        if self.faults.corruption == Corruption::Once {
            self.faults.corruption = Corruption::Never;
        }
        let mut wrong = bytes.to_vec();
        let middle = wrong.len() / 2;
        wrong[middle] ^= 1;
        Some(wrong.into())
    }
}
