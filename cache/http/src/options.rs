//! What a client is told once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::pace::Pace;
use crate::tls::{Roots, Trust};

/// Proxies in the form of the well-known environment variables; the caller reads those.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For plain http addresses: `http://[user:password@]host:port`.
    pub http: Option<String>,
    /// For https addresses.
    pub https: Option<String>,
    /// Hosts that need none, comma separated: names with their subdomains, addresses, networks, `*`.
    pub no_proxy: Option<String>,
}

impl fmt::Debug for Proxies {
    /// Shows which are set; an address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = |value: &Option<String>| value.as_ref().map(|_| "set");
        f.debug_struct("Proxies")
            .field("http", &set(&self.http))
            .field("https", &set(&self.https))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// Everything that a [`crate::Client`] depends on.
#[derive(Clone)]
pub struct Options {
    /// Value of the header `User-Agent`.
    pub user_agent: String,
    /// Proxies; none by default.
    pub proxies: Proxies,
    /// Where the ordinary certificate authorities come from.
    pub roots: Roots,
    /// What differs from host to host.
    pub trust: Arc<dyn Trust>,
    /// Clock, waiting and chance.
    pub pace: Arc<dyn Pace>,
    /// Tries of one request, the first one counted.
    pub tries: u32,
    /// Upper bound of the first wait between tries; doubles each time.
    pub backoff_first: Duration,
    /// Upper bound of every wait that the server did not ask for.
    pub backoff_most: Duration,
    /// Longest wait that a server can ask for; a longer wish gives its answer back at once.
    pub retry_after_most: Duration,
    /// Time for name, TCP and TLS together, unless a request has its own.
    pub connect_timeout: Duration,
    /// A connection that moves no byte for so long counts as cut.
    pub idle_timeout: Duration,
    /// The same for requests after which a server works silently (the commit of an upload).
    pub commit_timeout: Duration,
}

impl Options {
    /// Returns the usual values: 6 tries, 0.5 s doubling up to 30 s, 2 minutes of `Retry-After`, 10 s to connect, 30 s idle.
    pub fn new(user_agent: &str, trust: Arc<dyn Trust>, pace: Arc<dyn Pace>) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            proxies: Proxies::default(),
            roots: Roots::System,
            trust,
            pace,
            tries: 6,
            backoff_first: Duration::from_millis(500),
            backoff_most: Duration::from_secs(30),
            retry_after_most: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            commit_timeout: Duration::from_secs(300),
        }
    }
}
