//! What is answered.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use containr_progress::Cancel;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use tokio::runtime::Handle;

use crate::client::within;
use crate::error::HttpError;
use crate::redirect::authority;

/// An answer whose body has not been read yet.
pub struct Response {
    pub(crate) inner: reqwest::Response,
    pub(crate) runtime: Handle,
    pub(crate) idle: Duration,
}

impl Response {
    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// Returns a header as text, when it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the address that answered, after redirects.
    pub fn url(&self) -> &Url {
        self.inner.url()
    }

    /// Waits for the next piece of the body; `None` is its end.
    ///
    /// # Errors
    /// The connection broke off or stalled, or the token was set.
    pub fn chunk(&mut self, cancel: &Cancel) -> Result<Option<Bytes>, HttpError> {
        let host = authority(self.inner.url());
        let chunk = self.runtime.block_on(within(self.idle, &host, cancel, self.inner.chunk()))?;
        chunk.map_err(|source| HttpError::Cut { host, source: source.into() })
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// As [`Self::chunk`], and when it is longer than `limit_bytes`.
    pub fn bytes(mut self, limit_bytes: u64, cancel: &Cancel) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(cancel)? {
            if (body.len() + chunk.len()) as u64 > limit_bytes {
                return Err(HttpError::TooLong { host: authority(self.url()), limit_bytes });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}", self.status(), authority(self.url()))
    }
}
