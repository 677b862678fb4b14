//! A TCP proxy that counts what a client sends and cuts one connection on its way.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

/// A running proxy; ends with its handle.
#[derive(Debug)]
pub struct Cutter {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    target: String,
    /// Bytes of all clients together after which the connection that brought them is cut; once.
    cut_at: u64,
    sent_bytes: AtomicU64,
    stopped: AtomicBool,
    /// Weak, so that a socket is closed with its pumps: a closed one resets a client that still sends, a shut one does not.
    connections: Mutex<Vec<Weak<TcpStream>>>,
}

impl Cutter {
    /// Starts a proxy before `target` (host and port) that cuts once, after `cut_at` bytes towards the server.
    ///
    /// # Panics
    /// When loopback cannot be listened on.
    pub fn start(target: &str, cut_at: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            cut_at,
            sent_bytes: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let acceptor = std::thread::spawn({
            let shared = shared.clone();
            move || accept(&listener, &shared)
        });
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Returns the proxy's host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Returns the bytes that clients sent so far, heads included.
    pub fn sent_bytes(&self) -> u64 {
        self.shared.sent_bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Release);
        for connection in self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = connection.upgrade().map(|connection| connection.shutdown(Shutdown::Both));
        }
        // Wakes the acceptor; a refused connection means that it has ended already.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut pumps = Vec::new();
    for client in listener.incoming() {
        if shared.stopped.load(Ordering::Acquire) {
            break;
        }
        // A server that is not up yet is a refused connection to the client as well.
        let Ok(client) = client else { continue };
        let Ok(server) = TcpStream::connect(&shared.target) else { continue };
        let (client, server) = (Arc::new(client), Arc::new(server));
        let ends = [&client, &server].map(Arc::downgrade);
        shared.connections.lock().unwrap_or_else(PoisonError::into_inner).extend(ends);
        let (up, down) = (shared.clone(), (server.clone(), client.clone()));
        pumps.push(std::thread::spawn(move || pump_up(&client, &server, &up)));
        pumps.push(std::thread::spawn(move || pump_down(&down.0, &down.1)));
    }
    for pump in pumps {
        let _ = pump.join();
    }
}

fn pump_up(mut client: &TcpStream, mut server: &TcpStream, shared: &Shared) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(size @ 1..) = client.read(&mut buffer) {
        let before = shared.sent_bytes.fetch_add(size as u64, Ordering::Relaxed);
        if server.write_all(&buffer[..size]).is_err() {
            break;
        }
        if (before..before + size as u64).contains(&shared.cut_at) {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

fn pump_down(mut server: &TcpStream, mut client: &TcpStream) {
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(Shutdown::Write);
}
