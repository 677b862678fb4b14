//! A registry inside the test process that goes wrong on command.
//!
//! It speaks HTTP/1.1 over loopback on threads of its own, keeps everything in memory, counts the bytes of blobs that it
//! reads and writes, and ends with its handle.

mod auth;
mod faults;
mod routes;
mod state;
mod uploads;
mod wire;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use containr_oci::Digest;

pub use faults::{Auth, Busy, Corruption, Faults, Head, LocationForm, Revocation};
use state::State;
pub use state::{Counts, Logged};

/// A running registry.
#[derive(Debug)]
pub struct ScriptedRegistry {
    address: SocketAddr,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

impl ScriptedRegistry {
    /// Starts a registry without faults on a free port.
    ///
    /// # Panics
    /// When loopback cannot be listened on.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State::new(address.to_string()));
        let acceptor = std::thread::spawn({
            let state = state.clone();
            move || accept(&listener, &state)
        });
        Self { address, state, acceptor: Some(acceptor) }
    }

    /// Starts a registry and sets its faults.
    pub fn with(set: impl FnOnce(&mut Faults)) -> Self {
        let registry = Self::start();
        registry.faults(set);
        registry
    }

    /// Returns host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Changes what goes wrong from now on.
    pub fn faults(&self, set: impl FnOnce(&mut Faults)) {
        set(&mut self.state.lock().faults);
    }

    /// Stores a blob for every repository.
    pub fn put_blob(&self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.state.lock().blobs.insert(digest, Arc::from(bytes));
        digest
    }

    /// Stores a manifest under its digest and a tag.
    pub fn put_manifest(&self, repository: &str, tag: &str, media_type: &str, bytes: &[u8]) -> Digest {
        self.state.lock().store_manifest(repository, tag, media_type, bytes)
    }

    /// Returns a stored blob.
    pub fn blob(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        self.state.lock().blobs.get(digest).cloned()
    }

    /// Returns what a tag points to.
    pub fn tag(&self, repository: &str, tag: &str) -> Option<Digest> {
        self.state.lock().tags.get(&(repository.to_owned(), tag.to_owned())).copied()
    }

    /// Returns what was moved and asked so far.
    pub fn counts(&self) -> Counts {
        self.state.lock().counts.clone()
    }
}

impl Drop for ScriptedRegistry {
    fn drop(&mut self) {
        self.state.stop();
        // Wakes the acceptor; a refused connection means that it has ended already.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    let mut handlers = Vec::new();
    for stream in listener.incoming() {
        if state.is_stopped() {
            break;
        }
        let Ok(stream) = stream else { continue };
        let number = state.keep(&stream);
        let state = state.clone();
        handlers.push(std::thread::spawn(move || {
            routes::serve(stream, &state);
            state.release(number);
        }));
    }
    for handler in handlers {
        let _ = handler.join();
    }
}
