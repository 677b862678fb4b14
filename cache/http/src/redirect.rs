//! Following redirects by hand: what may be sent along to another host, and what may not.

use reqwest::header::{AUTHORIZATION, COOKIE, LOCATION, PROXY_AUTHORIZATION};
use reqwest::{Method, StatusCode, Url};

use crate::error::HttpError;
use crate::request::Request;

/// Redirects in a row before the server is taken to run in circles.
pub(crate) const MOST_REDIRECTS: u32 = 10;

/// Returns host and port of an address as registries are named: without the port that the scheme implies.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Returns whether an authority (`HOST[:PORT]`) names this machine itself.
pub fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !host.ends_with(':') => host,
        _ => authority,
    };
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Returns whether an answer of this status means "look there" rather than "not changed".
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the request that follows a redirect.
///
/// Credentials stay behind when host, port or scheme differ; 303, and 301 and 302 after a POST, turn into GET.
pub(crate) fn follow(
    mut request: Request,
    status: StatusCode,
    headers: &reqwest::header::HeaderMap,
) -> Result<Request, HttpError> {
    let host = authority(&request.url);
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| request.url.join(location).ok());
    let Some(target) = target.filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https")) else {
        return Err(HttpError::Redirect { host, problem: "without a usable address" });
    };
    if request.url.scheme() == "https" && target.scheme() == "http" && !is_loopback(&authority(&target)) {
        return Err(HttpError::Redirect { host, problem: "from https to plain http" });
    }
    if target.origin() != request.url.origin() {
        for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            request.headers.remove(name);
        }
        request.tls = None;
        request.fallback = crate::Fallback::Never;
    }
    let becomes_get = status == StatusCode::SEE_OTHER && request.method != Method::HEAD
        || matches!(status.as_u16(), 301 | 302) && request.method == Method::POST;
    if becomes_get {
        request.method = Method::GET;
        request.body = bytes::Bytes::new();
    }
    request.url = target;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn request(url: &str) -> Request {
        Request::new(Method::GET, url.parse().unwrap()).with_header(AUTHORIZATION, "Bearer x".parse().unwrap())
    }

    fn go(from: &str, to: &str) -> Result<Request, HttpError> {
        let headers = HeaderMap::from_iter([(LOCATION, to.parse().unwrap())]);
        follow(request(from), StatusCode::TEMPORARY_REDIRECT, &headers)
    }

    #[test]
    fn credentials_stay_on_their_origin() {
        for (to, kept) in [
            ("/other", true),
            ("https://a.example/b", true),
            ("https://a.example:444/b", false),
            ("https://cdn.example/b", false),
            ("//cdn.example/b", false),
        ] {
            let next = go("https://a.example/v2/", to).unwrap();
            assert_eq!(next.headers.contains_key(AUTHORIZATION), kept, "{to}");
        }
    }

    #[test]
    fn https_is_never_left_for_plain_http() {
        assert!(matches!(go("https://a.example/", "http://a.example/"), Err(HttpError::Redirect { .. })));
        assert!(go("https://a.example/", "http://127.0.0.1:5000/").is_ok());
    }

    #[test]
    fn loopback_names() {
        for (name, expected) in [
            ("localhost:5000", true),
            ("127.9.9.9", true),
            ("[::1]:5000", true),
            ("[::1]", true),
            ("localhost.example", false),
            ("10.0.0.1:5000", false),
        ] {
            assert_eq!(is_loopback(name), expected, "{name}");
        }
    }
}
