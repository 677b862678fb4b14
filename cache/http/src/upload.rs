//! Sending a long body from a plain reader, piece by piece, without holding it in memory.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use containr_progress::Cancel;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use crate::client::{Client, within};
use crate::error::HttpError;
use crate::pace::CANCEL_TICK;
use crate::redirect::authority;
use crate::request::Request;
use crate::response::Response;

/// Bytes read from the source at a time.
const PIECE_BYTES: usize = 256 << 10;

impl Client {
    /// Sends `length` bytes of `source` as the body, once: no tries, no redirects; for callers that can resume.
    ///
    /// `moved` is told the length of each piece that was handed to the connection.
    /// The answer may come before the whole body is sent; then the rest is kept back.
    ///
    /// # Errors
    /// The source failed, the connection failed, broke off or stalled, or the token was set.
    pub fn send_stream(
        &self,
        request: &Request,
        source: &mut dyn Read,
        length: u64,
        cancel: &Cancel,
        moved: &mut dyn FnMut(u64),
    ) -> Result<Response, HttpError> {
        let runtime = self.runtime()?;
        let url = self.actual_url(request);
        let host = authority(&url);
        let (sender, receiver) = channel(2);
        let body = reqwest::Body::wrap(Pieces { receiver, left: length });
        let builder = self.pool(request)?.request(request.method.clone(), url).headers(request.headers.clone());
        let call = Call(runtime.spawn(builder.body(body).send()));
        let mut pump = Pump { client: self, host: &host, cancel, sender, call: &call };
        let pumped = pump.run(source, length, moved);
        drop(pump);
        pumped?;
        let mut call = call;
        let wait = self.wait_for(request.patience);
        let sent = runtime.block_on(within(wait, &host, cancel, &mut call.0))?;
        self.received(host, sent.expect("the task neither panics nor is aborted before this point"))
    }
}

/// A request on its way; dropping it ends it.
struct Call(JoinHandle<reqwest::Result<reqwest::Response>>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Pump<'a> {
    client: &'a Client,
    host: &'a str,
    cancel: &'a Cancel,
    sender: Sender<Bytes>,
    call: &'a Call,
}

impl Pump<'_> {
    fn run(&mut self, source: &mut dyn Read, length: u64, moved: &mut dyn FnMut(u64)) -> Result<(), HttpError> {
        let mut left = length;
        while left > 0 && !self.call.0.is_finished() {
            let mut piece = vec![0; PIECE_BYTES.min(usize::try_from(left).unwrap_or(PIECE_BYTES))];
            source.read_exact(&mut piece).map_err(HttpError::Source)?;
            let size = piece.len() as u64;
            if !self.hand_over(Bytes::from(piece))? {
                return Ok(());
            }
            left -= size;
            moved(size);
        }
        Ok(())
    }

    /// Returns whether the connection took the piece; it does not once the answer or an error is there.
    ///
    /// A server may answer early and then read no more, so the answer is looked for while waiting.
    fn hand_over(&self, piece: Bytes) -> Result<bool, HttpError> {
        let runtime = self.client.runtime()?;
        let limit = self.client.options().idle_timeout;
        let room = async {
            loop {
                if self.call.0.is_finished() {
                    return None;
                }
                if let Ok(permit) = tokio::time::timeout(CANCEL_TICK, self.sender.reserve()).await {
                    return permit.ok();
                }
            }
        };
        let permit = runtime.block_on(within(limit, self.host, self.cancel, room))?;
        Ok(permit.map(|permit| permit.send(piece)).is_some())
    }
}

/// A body that arrives through a channel.
struct Pieces {
    receiver: Receiver<Bytes>,
    left: u64,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.receiver.poll_recv(cx).map(|piece| match piece {
            Some(piece) => {
                self.left -= piece.len() as u64;
                Some(Ok(Frame::data(piece)))
            }
            None => Some(Err(std::io::ErrorKind::UnexpectedEof.into())),
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
