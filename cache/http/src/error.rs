//! What can go wrong between a request and its answer; an answer of any status is no error here.

use std::fmt;
use std::path::PathBuf;

use containr_progress::Cancelled;

/// Why there is no answer, or no more of it.
///
/// Messages name the host only: a path or a query may hold a signature.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection, or it broke before the answer.
    #[error("cannot reach {host}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// The transport's reason, without the address.
        source: TransportError,
    },
    /// The connection broke inside a body.
    #[error("the connection to {host} broke off")]
    Cut {
        /// Host and port.
        host: String,
        /// The transport's reason, without the address.
        source: TransportError,
    },
    /// No byte came or went for the whole allowed time.
    #[error("{host} sent nothing for {seconds} s")]
    Stalled {
        /// Host and port.
        host: String,
        /// The allowed time in whole seconds, rounded up.
        seconds: u64,
    },
    /// A redirect that cannot be followed: too many, no address, or from https to plain http.
    #[error("{host} redirects {problem}")]
    Redirect {
        /// The host that redirects.
        host: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The body of an answer is longer than the caller takes.
    #[error("{host} sent more than {limit_bytes} bytes")]
    TooLong {
        /// Host and port.
        host: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A proxy's address is not usable.
    #[error("the proxy for {scheme} has no usable address")]
    Proxy {
        /// `http` or `https`.
        scheme: &'static str,
        /// The reason.
        source: TransportError,
    },
    /// A certificate or key cannot be used; the text says which kind.
    #[error("cannot use the {what} for TLS")]
    Certificate {
        /// Which piece.
        what: &'static str,
        /// The reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file with certificates or a key cannot be read.
    #[error("cannot read {}", path.display())]
    CertificateFile {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The transport could not be set up.
    #[error("cannot set up the HTTP client")]
    Setup(#[source] TransportError),
    /// The runtime's threads could not be started.
    #[error("cannot start the network threads")]
    Threads(#[source] std::io::Error),
    /// The source of a request's body failed.
    #[error("cannot read what is to be sent")]
    Source(#[source] std::io::Error),
    /// The caller's token was set.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for HttpError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl HttpError {
    /// Returns whether another try may help: the connection failed, broke off or stalled.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => !source.is_permanent(),
            Self::Cut { .. } | Self::Stalled { .. } => true,
            _ => false,
        }
    }
}

/// What the transport says, in the words of its innermost cause: those around it name the layers of the client.
#[derive(Debug)]
pub struct TransportError(reqwest::Error);

impl TransportError {
    /// Returns the innermost cause.
    pub fn cause(&self) -> &(dyn std::error::Error + 'static) {
        causes(&self.0).last().unwrap_or(&self.0)
    }

    /// Returns whether a host name could not be resolved.
    pub fn is_resolution(&self) -> bool {
        // The resolver's error has no public type.
        causes(&self.0).any(|cause| cause.to_string() == "dns error")
    }

    /// Returns whether there was no connection in the time that is allowed for it.
    pub(crate) fn is_connect_timeout(&self) -> bool {
        self.0.is_connect() && self.0.is_timeout()
    }

    /// Returns whether no connection was made.
    pub(crate) fn is_connect(&self) -> bool {
        self.0.is_connect()
    }

    /// Returns whether TLS itself said no, by certificate or by protocol, which another try does not change.
    fn is_permanent(&self) -> bool {
        self.0.is_builder() || causes(&self.0).any(is_tls)
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        Self(error.without_url())
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.cause(), formatter)
    }
}

impl std::error::Error for TransportError {}

/// Looks through I/O errors, which leave the error that they wrap out of the chain of causes.
fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    match cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => is_tls(inner),
        None => cause.is::<rustls::Error>(),
    }
}

fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |cause| cause.source())
}

/// Returns an error and its causes as one line, joined by `: `.
pub fn why(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = causes(error).map(ToString::to_string).collect();
    parts.dedup();
    parts.join(": ")
}
