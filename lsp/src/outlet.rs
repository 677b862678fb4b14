//! The way out: whole messages from several hands, in the order in which they were handed in.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tower_lsp_server::jsonrpc::Id;

/// Holds the bytes that the client has not taken yet; clones are the same outlet.
///
/// The transport writes whole messages at a time, hence others can be put between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outlet {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    bytes: Vec<u8>,
    state: Flow,
    /// Who waits for bytes.
    reader: Option<Waker>,
    /// Who waits for room.
    writer: Option<Waker>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Flow {
    /// Messages come and go.
    #[default]
    Open,
    /// No more messages come.
    Closed,
    /// The client takes no more.
    Broken,
}

/// The transport waits while more than this is held.
const MAX_HELD: usize = 4 << 20;

impl Outlet {
    /// Hands in a notification.
    pub(crate) fn notify(&self, method: &str, params: &impl Serialize) {
        #[derive(Serialize)]
        struct Notification<'a, P> {
            jsonrpc: &'a str,
            method: &'a str,
            params: &'a P,
        }
        if let Ok(text) = serde_json::to_vec(&Notification { jsonrpc: "2.0", method, params }) {
            self.put(&text);
        }
    }

    /// Hands in the answer to a request.
    pub(crate) fn answer(&self, id: &Id, result: &impl Serialize) {
        #[derive(Serialize)]
        struct Answer<'a, R> {
            jsonrpc: &'a str,
            result: &'a R,
            id: &'a Id,
        }
        if let Ok(text) = serde_json::to_vec(&Answer { jsonrpc: "2.0", result, id }) {
            self.put(&text);
        }
    }

    /// Hands in the answer to what is no message.
    pub(crate) fn refuse(&self) {
        self.put(br#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}"#);
    }

    fn put(&self, text: &[u8]) {
        let mut shared = self.lock();
        if shared.state == Flow::Open {
            shared.bytes.extend(format!("Content-Length: {}\r\n\r\n", text.len()).into_bytes());
            shared.bytes.extend_from_slice(text);
            shared.wake_reader();
        }
    }

    /// Says that no more messages come.
    pub(crate) fn close(&self) {
        let mut shared = self.lock();
        shared.state = Flow::Closed;
        shared.wake_reader();
    }

    /// Writes everything that is handed in, until the outlet is closed or the client takes no more.
    pub(crate) async fn drain(&self, output: impl AsyncWrite) {
        let mut output = std::pin::pin!(output);
        while let Some(bytes) = std::future::poll_fn(|context| self.take(context)).await {
            if output.write_all(&bytes).await.is_err() || output.flush().await.is_err() {
                let mut shared = self.lock();
                shared.state = Flow::Broken;
                shared.wake_writer();
                break;
            }
        }
    }

    /// Takes all bytes that are held.
    fn take(&self, context: &Context<'_>) -> Poll<Option<Vec<u8>>> {
        let mut shared = self.lock();
        if !shared.bytes.is_empty() {
            let bytes = std::mem::take(&mut shared.bytes);
            shared.wake_writer();
            return Poll::Ready(Some(bytes));
        }
        if shared.state != Flow::Open {
            return Poll::Ready(None);
        }
        shared.reader = Some(context.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn wake_reader(&mut self) {
        self.reader.take().into_iter().for_each(Waker::wake);
    }

    fn wake_writer(&mut self) {
        self.writer.take().into_iter().for_each(Waker::wake);
    }
}

impl AsyncWrite for Outlet {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut shared = self.lock();
        if shared.state == Flow::Broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if shared.bytes.len() > MAX_HELD {
            shared.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        shared.bytes.extend_from_slice(bytes);
        shared.wake_reader();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The bytes leave in their own time.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_whole_and_in_order() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut written = Vec::new();
        runtime.block_on(async {
            let mut outlet = Outlet::default();
            outlet.write_all(b"one").await.unwrap();
            outlet.notify("m", &1);
            outlet.write_all(b"two").await.unwrap();
            outlet.close();
            outlet.notify("late", &2);
            outlet.drain(&mut written).await;
        });
        let message = "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":1}";
        let expected = format!("oneContent-Length: {}\r\n\r\n{message}two", message.len());
        assert_eq!(String::from_utf8(written).unwrap(), expected);
    }

    #[test]
    fn a_client_that_is_gone_breaks_the_outlet() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (near, far) = tokio::io::duplex(1);
            drop(far);
            let mut outlet = Outlet::default();
            outlet.notify("m", &1);
            outlet.drain(near).await;
            assert!(outlet.write_all(b"late").await.is_err());
        });
    }
}
