//! One HTTP client: TLS, proxies, retries, Retry-After, redirects, streamed bodies.
//!
//! Calls block the calling thread; sockets live on a small runtime that the client owns and starts at the first request.
//! The client is shared by reference between threads. Nothing is read from the environment: proxies, trust and the clock
//! are handed in. What the client does by itself: six tries on connection errors and on the answers that ask for another
//! try, waiting as `Retry-After` says; redirects, without credentials on another host; plain http on hosts that allow it.

mod client;
mod error;
mod options;
mod pace;
mod redirect;
mod request;
mod response;
mod retry;
mod tls;
mod upload;

pub use client::Client;
pub use error::{HttpError, TransportError, why};
pub use options::{Options, Proxies};
pub use pace::{Pace, SystemPace};
pub use redirect::{authority, is_loopback};
pub use request::{Fallback, Patience, Request};
pub use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
pub use reqwest::{Method, StatusCode, Url};
pub use response::Response;
pub use retry::{backoff, is_transient, retry_after};
pub use tls::{Identity, Roots, Tls, Trust, Verification};
