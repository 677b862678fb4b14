//! The client: one runtime, one pool of connections per TLS settings, one loop of tries.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use containr_progress::Cancel;
use reqwest::{Proxy, Url};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::error::HttpError;
use crate::options::Options;
use crate::pace::CANCEL_TICK;
use crate::redirect::{MOST_REDIRECTS, authority, follow, is_redirect};
use crate::request::{Fallback, Patience, Request};
use crate::response::Response;
use crate::retry::{backoff, is_transient, retry_after};
use crate::tls::{Configs, Tls};

/// How often a host is tried that does not even take a connection; one that lets the whole time for it pass is tried once.
const TRIES_TO_CONNECT: u32 = 3;

/// Hosts that no proxy is ever asked for.
const LOCAL: &str = "localhost,127.0.0.0/8,::1";

/// Sends requests; shared by reference between threads, never used inside an async runtime.
pub struct Client {
    options: Options,
    configs: Configs,
    runtime: OnceLock<Runtime>,
    pools: Mutex<Vec<Pool>>,
    plain: Mutex<HashSet<String>>,
}

/// Connections to hosts that are spoken to in the same way.
struct Pool {
    tls: Arc<Tls>,
    connect_timeout: Duration,
    client: reqwest::Client,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("user_agent", &self.options.user_agent).finish_non_exhaustive()
    }
}

impl Client {
    /// Returns a client that has not opened anything yet.
    pub fn new(options: Options) -> Self {
        let configs = Configs::new(options.roots.clone());
        Self { options, configs, runtime: OnceLock::new(), pools: Mutex::default(), plain: Mutex::default() }
    }

    /// Returns what the client was told.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Sends a request, tries again where that may help, follows redirects and returns the last answer, whatever its status.
    ///
    /// # Errors
    /// No answer after all tries, a bad redirect, bad TLS settings, or the token was set.
    pub fn send(&self, request: &Request, cancel: &Cancel) -> Result<Response, HttpError> {
        let mut request = request.clone();
        let mut redirects = 0;
        loop {
            let response = self.send_to_one(&request, cancel)?;
            if !is_redirect(response.status()) || !response.headers().contains_key(reqwest::header::LOCATION) {
                return Ok(response);
            }
            redirects += 1;
            if redirects > MOST_REDIRECTS {
                return Err(HttpError::Redirect { host: authority(&request.url), problem: "too often" });
            }
            request.url = response.url().clone();
            request = follow(request, response.status(), response.headers())?;
        }
    }

    /// Waits before try number `next` as a server's answer wishes, or else with jitter.
    ///
    /// # Errors
    /// The token was set.
    pub fn wait_before(&self, next: u32, wish: Option<Duration>, cancel: &Cancel) -> Result<(), HttpError> {
        let duration = wish.unwrap_or_else(|| backoff(&self.options, next));
        Ok(self.options.pace.wait(duration, cancel)?)
    }

    fn send_to_one(&self, request: &Request, cancel: &Cancel) -> Result<Response, HttpError> {
        let mut number = 1;
        loop {
            let outcome = self.attempt(request, cancel);
            let wish = match &outcome {
                Ok(response) if is_transient(response.status()) => {
                    retry_after(response.headers(), self.options.pace.now())
                }
                Err(error) if error.is_transient() => None,
                _ => return outcome,
            };
            let tries = self.options.tries.min(most_tries(&outcome));
            // A server that wants a longer wait than allowed is not asked sooner than it said.
            if number >= tries || wish.is_some_and(|wish| wish > self.options.retry_after_most) {
                return outcome;
            }
            number += 1;
            self.wait_before(number, wish, cancel)?;
        }
    }

    /// Tries once, over plain http where the host is known for it or turns out not to speak TLS.
    fn attempt(&self, request: &Request, cancel: &Cancel) -> Result<Response, HttpError> {
        let first = self.exchange(request, &self.actual_url(request), cancel);
        let Err(HttpError::Unreachable { source, .. }) = &first else { return first };
        if request.fallback == Fallback::Never || request.url.scheme() != "https" || !source.is_connect() {
            return first;
        }
        let plain = self.exchange(request, &to_plain(&request.url), cancel);
        match plain {
            Ok(response) => {
                self.plain.lock().unwrap_or_else(PoisonError::into_inner).insert(authority(&request.url));
                Ok(response)
            }
            Err(HttpError::Cancelled) => Err(HttpError::Cancelled),
            Err(_) => first,
        }
    }

    /// Returns the address with the scheme that the host is known to speak.
    pub(crate) fn actual_url(&self, request: &Request) -> Url {
        let known = self.plain.lock().unwrap_or_else(PoisonError::into_inner).contains(&authority(&request.url));
        if known && request.fallback == Fallback::PlainHttp && request.url.scheme() == "https" {
            return to_plain(&request.url);
        }
        request.url.clone()
    }

    fn exchange(&self, request: &Request, url: &Url, cancel: &Cancel) -> Result<Response, HttpError> {
        let runtime = self.runtime()?;
        let pool = self.pool(request)?;
        let host = authority(url);
        let mut builder = pool.request(request.method.clone(), url.clone()).headers(request.headers.clone());
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        } else if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            // Some servers answer 411 to a body-less upload request without a length.
            builder = builder.header(reqwest::header::CONTENT_LENGTH, 0);
        }
        let _entered = runtime.enter();
        let sent = runtime.block_on(within(self.wait_for(request.patience), &host, cancel, builder.send()))?;
        self.received(host, sent)
    }

    pub(crate) fn received(
        &self,
        host: String,
        sent: Result<reqwest::Response, reqwest::Error>,
    ) -> Result<Response, HttpError> {
        let inner = sent.map_err(|source| HttpError::Unreachable { host, source: source.into() })?;
        Ok(Response { inner, runtime: self.runtime()?.handle().clone(), idle: self.options.idle_timeout })
    }

    pub(crate) fn wait_for(&self, patience: Patience) -> Duration {
        match patience {
            Patience::Idle => self.options.idle_timeout,
            Patience::Commit => self.options.commit_timeout,
        }
    }

    pub(crate) fn runtime(&self) -> Result<&Runtime, HttpError> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).thread_name("http").enable_io().enable_time().build();
        let runtime = runtime.map_err(HttpError::Threads)?;
        // Two threads may race here; the loser's runtime has no tasks yet and is dropped.
        Ok(self.runtime.get_or_init(|| runtime))
    }

    pub(crate) fn pool(&self, request: &Request) -> Result<reqwest::Client, HttpError> {
        let tls = match &request.tls {
            Some(tls) => tls.clone(),
            None => self.options.trust.for_host(&authority(&request.url))?,
        };
        let connect_timeout = request.connect_timeout.unwrap_or(self.options.connect_timeout);
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = |pool: &&Pool| Arc::ptr_eq(&pool.tls, &tls) && pool.connect_timeout == connect_timeout;
        if let Some(pool) = pools.iter().find(alike) {
            return Ok(pool.client.clone());
        }
        let client = self.build_pool(&tls, connect_timeout)?;
        pools.push(Pool { tls, connect_timeout, client: client.clone() });
        Ok(client)
    }

    fn build_pool(&self, tls: &Tls, connect_timeout: Duration) -> Result<reqwest::Client, HttpError> {
        let mut config = self.configs.build(tls)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .user_agent(self.options.user_agent.clone())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(connect_timeout)
            .http2_adaptive_window(true)
            .referer(false)
            .no_proxy();
        for proxy in self.proxies()? {
            builder = builder.proxy(proxy);
        }
        builder.build().map_err(|error| HttpError::Setup(error.into()))
    }

    fn proxies(&self) -> Result<Vec<Proxy>, HttpError> {
        let settings = &self.options.proxies;
        let exceptions = format!("{LOCAL},{}", settings.no_proxy.as_deref().unwrap_or_default());
        let except = reqwest::NoProxy::from_string(&exceptions);
        let make = |scheme, address: &Option<String>, build: fn(&str) -> reqwest::Result<Proxy>| {
            let address = address.as_deref().filter(|address| !address.is_empty());
            let proxy = address.map(build).transpose();
            let proxy = proxy.map_err(|source| HttpError::Proxy { scheme, source: source.into() })?;
            Ok::<_, HttpError>(proxy.map(|proxy| proxy.no_proxy(except.clone())))
        };
        let http = make("http", &settings.http, |address| Proxy::http(address))?;
        let https = make("https", &settings.https, |address| Proxy::https(address))?;
        Ok(http.into_iter().chain(https).collect())
    }
}

/// Returns how often a request may be tried: who sees nothing happen should soon learn that nobody is there.
fn most_tries(outcome: &Result<Response, HttpError>) -> u32 {
    match outcome {
        Err(HttpError::Unreachable { source, .. }) if source.is_connect_timeout() => 1,
        Err(HttpError::Unreachable { source, .. }) if source.is_connect() => TRIES_TO_CONNECT,
        _ => u32::MAX,
    }
}

fn to_plain(url: &Url) -> Url {
    let mut plain = url.clone();
    plain.set_scheme("http").expect("https and http are both special schemes");
    plain
}

/// Waits for `work` at most `limit`, looking at the token in between.
pub(crate) async fn within<F: Future>(
    limit: Duration,
    host: &str,
    cancel: &Cancel,
    work: F,
) -> Result<F::Output, HttpError> {
    let mut work = std::pin::pin!(work);
    let end = Instant::now() + limit;
    loop {
        cancel.check()?;
        let tick = (Instant::now() + CANCEL_TICK).min(end);
        if let Ok(output) = tokio::time::timeout_at(tick, work.as_mut()).await {
            return Ok(output);
        }
        if Instant::now() >= end {
            let seconds = limit.as_millis().div_ceil(1000) as u64;
            return Err(HttpError::Stalled { host: host.to_owned(), seconds });
        }
    }
}
