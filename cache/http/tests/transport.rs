//! TLS, plain http on request, and proxies, against small servers in the test process.
//!
//! The certificates in `tls/` are for `localhost` and 127.0.0.1, signed by a throw-away authority, and valid for a century.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use containr_http::{
    Client, Fallback, HttpError, Identity, Method, Options, Pace, Request, Roots, Tls, Trust, Verification, why,
};
use containr_progress::{Cancel, Cancelled};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

const AUTHORITY: &[u8] = include_bytes!("tls/ca.crt");
const CERTIFICATE: &[u8] = include_bytes!("tls/server.crt");
const KEY: &[u8] = include_bytes!("tls/server.key");

/// Gives every host the same settings, and does not wait.
struct Fixed(Arc<Tls>, Mutex<u32>);

impl Trust for Fixed {
    fn for_host(&self, _: &str) -> Result<Arc<Tls>, HttpError> {
        Ok(self.0.clone())
    }
}

impl Pace for Fixed {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn wait(&self, _: Duration, _: &Cancel) -> Result<(), Cancelled> {
        *self.1.lock().expect("no test panics while it holds the lock") += 1;
        Ok(())
    }

    fn chance(&self) -> f64 {
        0.0
    }
}

/// What a server saw: the first line of each request, or nothing for a connection without one.
type Seen = Arc<Mutex<Vec<String>>>;

/// Starts a server for as long as the test process lives; each connection takes one request.
fn serve(tls: Option<Arc<ServerConfig>>) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("a bound socket has an address");
    let seen = Seen::default();
    std::thread::spawn({
        let seen = seen.clone();
        move || {
            for stream in listener.incoming().flatten() {
                let line = match &tls {
                    None => answer(stream),
                    Some(config) => match ServerConnection::new(config.clone()) {
                        Ok(connection) => answer(StreamOwned::new(connection, stream)),
                        Err(_) => None,
                    },
                };
                seen.lock().expect("no test panics while it holds the lock").push(line.unwrap_or_default());
            }
        }
    });
    (address, seen)
}

fn answer<S: Read + Write>(stream: S) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut line = first.clone();
    while !line.trim().is_empty() {
        line.clear();
        reader.read_line(&mut line).ok()?;
    }
    let stream = reader.get_mut();
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").ok()?;
    stream.flush().ok()?;
    Some(first.trim().to_owned())
}

#[derive(Clone, Copy, PartialEq)]
enum Clients {
    Anyone,
    Certified,
}

fn server_config(clients: Clients) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.expect("the provider has the default versions");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(AUTHORITY).expect("a fixture")).expect("a fixture");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().expect("one root");
    let builder = match clients {
        Clients::Anyone => builder.with_no_client_auth(),
        Clients::Certified => builder.with_client_cert_verifier(verifier),
    };
    let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE).expect("a fixture")];
    let key = PrivateKeyDer::from_pem_slice(KEY).expect("a fixture");
    Arc::new(builder.with_single_cert(chain, key).expect("key and certificate belong together"))
}

/// Asks once for `url` and returns the body or the error, and how often the client waited.
fn get(url: &str, tls: Tls, set: impl FnOnce(&mut Options), fallback: Fallback) -> (Result<Vec<u8>, HttpError>, u32) {
    let fixed = Arc::new(Fixed(Arc::new(tls), Mutex::new(0)));
    let mut options = Options::new("containr-test", fixed.clone(), fixed.clone());
    options.roots = Roots::Pem(Vec::new());
    set(&mut options);
    let client = Client::new(options);
    let mut request = Request::new(Method::GET, url.parse().expect("an address"));
    request.fallback = fallback;
    let cancel = Cancel::new();
    let body = client.send(&request, &cancel).and_then(|response| response.bytes(100, &cancel));
    let waits = *fixed.1.lock().expect("no test panics while it holds the lock");
    (body, waits)
}

fn trusting() -> Tls {
    Tls { authorities: vec![AUTHORITY.to_vec()], ..Tls::default() }
}

#[test]
fn a_server_of_a_given_authority_is_believed() {
    let (address, _) = serve(Some(server_config(Clients::Anyone)));
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{}/", address.port());
        assert_eq!(get(&url, trusting(), |_| {}, Fallback::Never).0.unwrap(), b"ok");
    }
}

#[test]
fn an_unknown_authority_is_refused_at_once_and_not_answered_with_plain_http() {
    let (address, seen) = serve(Some(server_config(Clients::Anyone)));
    let (body, waits) = get(&format!("https://{address}/"), Tls::default(), |_| {}, Fallback::Never);
    let error = body.unwrap_err();
    assert!(containr_http::why(&error).contains("UnknownIssuer"), "{}", containr_http::why(&error));
    assert_eq!(waits, 0);
    assert!(seen.lock().unwrap().iter().all(String::is_empty));
}

#[test]
fn an_unchecked_server_is_spoken_to() {
    let (address, _) = serve(Some(server_config(Clients::Anyone)));
    let tls = Tls { verification: Verification::Skip, ..Tls::default() };
    assert_eq!(get(&format!("https://{address}/"), tls, |_| {}, Fallback::Never).0.unwrap(), b"ok");
}

#[test]
fn a_client_certificate_is_shown_where_it_is_wanted() {
    let (address, _) = serve(Some(server_config(Clients::Certified)));
    let url = format!("https://{address}/");
    assert!(get(&url, trusting(), |_| {}, Fallback::Never).0.is_err());
    let identity = Identity { certificates: CERTIFICATE.to_vec(), key: KEY.to_vec().into() };
    let tls = Tls { identity: Some(identity), ..trusting() };
    assert_eq!(get(&url, tls, |_| {}, Fallback::Never).0.unwrap(), b"ok");
}

#[test]
fn plain_http_only_where_it_is_allowed() {
    let (address, _) = serve(None);
    let url = format!("https://{address}/");
    assert_eq!(get(&url, Tls::default(), |_| {}, Fallback::PlainHttp).0.unwrap(), b"ok");
    assert!(matches!(get(&url, Tls::default(), |_| {}, Fallback::Never).0, Err(HttpError::Unreachable { .. })));
}

#[test]
fn a_refused_connection_is_told_without_the_layers_of_the_client() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = get(&format!("http://{closed}/"), Tls::default(), |_| {}, Fallback::Never).0.unwrap_err();
    assert_eq!(why(&error), format!("cannot reach {closed}: Connection refused (os error 111)"));
}

#[test]
fn a_proxy_is_asked_for_other_hosts_and_never_for_loopback() {
    let (proxy, seen) = serve(None);
    let (direct, _) = serve(None);
    for (url, expected) in [("http://registry.example/v2/".to_owned(), 1), (format!("http://{direct}/"), 1)] {
        let set = |options: &mut Options| options.proxies.http = Some(format!("http://{proxy}"));
        assert_eq!(get(&url, Tls::default(), set, Fallback::Never).0.unwrap(), b"ok");
        assert_eq!(seen.lock().unwrap().len(), expected, "{url}");
    }
    assert_eq!(seen.lock().unwrap()[0], "GET http://registry.example/v2/ HTTP/1.1");
}

#[test]
fn a_host_that_lets_the_time_to_connect_pass_is_tried_once() {
    // The kernel takes the connection, but nobody answers to the TLS greeting.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let set = |options: &mut Options| options.connect_timeout = Duration::from_millis(100);
    let (body, waits) = get(&url, Tls::default(), set, Fallback::Never);
    assert!(matches!(body, Err(HttpError::Unreachable { .. })));
    assert_eq!(waits, 0);
}

#[test]
fn a_request_may_have_its_own_time_to_connect() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let fixed = Arc::new(Fixed(Arc::default(), Mutex::default()));
    let mut options = Options::new("test", fixed.clone(), fixed);
    options.connect_timeout = Duration::MAX;
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let mut request = Request::new(Method::GET, url.parse().unwrap());
    request.connect_timeout = Some(Duration::from_millis(100));
    assert!(matches!(Client::new(options).send(&request, &Cancel::new()), Err(HttpError::Unreachable { .. })));
}

#[test]
fn an_address_in_a_message_has_no_query() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (body, waits) =
        get(&format!("http://{address}/path?signature=hunter2"), Tls::default(), |_| {}, Fallback::Never);
    let error = body.unwrap_err();
    let shown = format!("{error:?} {}", containr_http::why(&error));
    assert!(shown.contains(&address.to_string()) && !shown.contains("hunter2"), "{shown}");
    assert_eq!(waits, 2, "a host that takes no connection is tried three times");
}
