//! The token server and the porter.

use std::collections::BTreeSet;

use super::faults::Auth;
use super::state::{Inner, State};
use super::wire::{Answer, Request, pairs};

/// Returns the refusal of a request that does not show what it needs.
pub(super) fn refuse(state: &State, request: &Request, repository: &str) -> Option<Answer> {
    let inner = state.lock();
    match inner.faults.auth.as_ref()? {
        Auth::Basic { pair } => {
            let expected = format!("Basic {}", base64(pair.as_bytes()));
            let challenge = r#"Basic realm="scripted""#;
            (request.header("authorization") != expected).then(|| unauthorized(challenge.to_owned()))
        }
        Auth::Token { .. } => {
            let needed = needed_scopes(request, repository);
            let token = request.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
            let granted = inner.tokens.get(token);
            let enough = granted.is_some_and(|granted| needed.iter().all(|scope| covered(granted, scope)));
            (!enough).then(|| unauthorized(challenge(state, &needed)))
        }
    }
}

/// Returns a 401 that sends the client to the token server.
pub(super) fn expired(state: &State, request: &Request, repository: &str) -> Answer {
    unauthorized(challenge(state, &needed_scopes(request, repository)))
}

fn challenge(state: &State, needed: &[String]) -> String {
    let (host, scope) = (&state.host, needed.join(" "));
    format!(r#"Bearer realm="http://{host}/token",service="scripted",scope="{scope}""#)
}

fn unauthorized(challenge: String) -> Answer {
    Answer::error(401, "UNAUTHORIZED").with("WWW-Authenticate", challenge)
}

fn needed_scopes(request: &Request, repository: &str) -> Vec<String> {
    let writes = !matches!(request.method.as_str(), "GET" | "HEAD") || request.path.contains("/uploads/");
    let actions = if writes { "pull,push" } else { "pull" };
    let own = format!("repository:{repository}:{actions}");
    let from = request.parameter("from").map(|from| format!("repository:{from}:pull"));
    Some(own).into_iter().chain(from).collect()
}

fn covered(granted: &BTreeSet<String>, needed: &str) -> bool {
    let (name, actions) = needed.rsplit_once(':').unwrap_or((needed, ""));
    granted.iter().any(|scope| {
        let (own, granted) = scope.rsplit_once(':').unwrap_or((scope, ""));
        own == name && actions.split(',').all(|action| granted.split(',').any(|grant| grant == action))
    })
}

/// Answers `/token`, by GET or by the OAuth 2 form.
pub(super) fn token(state: &State, request: &Request, body: &[u8]) -> Answer {
    let mut inner = state.lock();
    let Some(Auth::Token { pair, refresh, field }) = inner.faults.auth.clone() else {
        return Answer::error(404, "NOT_FOUND");
    };
    let form = pairs(&String::from_utf8_lossy(body));
    let parameters = if request.method == "POST" { &form } else { &request.query };
    let values =
        |name: &str| parameters.iter().filter(|(key, _)| key == name).map(|(_, v)| v.clone()).collect::<Vec<_>>();
    let known = match request.method.as_str() {
        "POST" => refresh.is_some() && values("refresh_token").first() == refresh.as_ref(),
        _ => pair.is_none_or(|pair| request.header("authorization") == format!("Basic {}", base64(pair.as_bytes()))),
    };
    if !known {
        return Answer::error(401, "UNAUTHORIZED");
    }
    let scopes = values("scope").iter().flat_map(|scope| scope.split(' ')).map(str::to_owned).collect();
    let token = issue(&mut inner, scopes);
    let mut answer = Answer::new(200).with("Content-Type", "application/json");
    answer.body = format!(r#"{{"{field}":"{token}","expires_in":300}}"#).into_bytes();
    answer
}

fn issue(inner: &mut Inner, scopes: BTreeSet<String>) -> String {
    let token = format!("token-{}", inner.number());
    inner.tokens.insert(token.clone(), scopes);
    token
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
