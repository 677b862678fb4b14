//! What is asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::tls::Tls;

/// What to do when a host does not speak TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fallback {
    /// Fail.
    #[default]
    Never,
    /// Ask again over plain http, and remember it for the host; for loopback and for insecure registries.
    PlainHttp,
}

/// How long to wait for the answer's first byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Patience {
    /// As long as for any other byte.
    #[default]
    Idle,
    /// As long as a server may need to commit an upload.
    Commit,
}

/// One request; cheap to clone, so that it can be tried again.
#[derive(Clone)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers; credentials are dropped on another host.
    pub headers: HeaderMap,
    /// The body, empty for none.
    pub body: Bytes,
    /// TLS settings; without them the client's [`crate::Trust`] is asked.
    pub tls: Option<Arc<Tls>>,
    /// Time for name, TCP and TLS together; without it the client's.
    pub connect_timeout: Option<Duration>,
    /// Whether plain http will do.
    pub fallback: Fallback,
    /// How long the answer may take.
    pub patience: Patience,
}

impl Request {
    /// Returns a request without headers and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            tls: None,
            connect_timeout: None,
            fallback: Fallback::Never,
            patience: Patience::Idle,
        }
    }

    /// Returns the request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl fmt::Debug for Request {
    /// Shows verb and host: paths, queries and headers may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, crate::authority(&self.url))
    }
}
