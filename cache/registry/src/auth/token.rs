//! Tokens: fetched at the server that a challenge names, kept per registry, credential and scopes until they expire.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use containr_http::header::{AUTHORIZATION, CONTENT_TYPE};
use containr_http::{Client, Fallback, HeaderValue, HttpError, Method, Request, Url, authority, is_loopback};
use containr_progress::Cancel;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::credential::{Credential, Secret};

/// What a request needs: `repository:NAME:ACTIONS` each, sorted.
pub(crate) type Scopes = BTreeSet<String>;

/// A token server's answer is never longer.
const MOST_ANSWER_BYTES: u64 = 1 << 20;
/// Life of a token whose answer names none (distribution's token specification).
const DEFAULT_LIFE: Duration = Duration::from_secs(60);
/// Life that a token must still have to be sent, so that it does not die under way; at most a tenth of its whole life.
const MARGIN: Duration = Duration::from_secs(5);

/// A token server and what to say there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TokenServer {
    pub(crate) realm: Url,
    pub(crate) service: Option<String>,
}

/// Why no token came.
#[derive(Debug)]
pub(crate) enum TokenFailure {
    /// No answer.
    Http(HttpError),
    /// The server said no with this status.
    Refused(u16),
    /// The address or the answer makes no sense.
    Nonsense(&'static str),
}

#[derive(Clone)]
struct Token {
    value: SecretString,
    dies: SystemTime,
}

type Slot = Arc<Mutex<Option<Token>>>;

/// Tokens by registry, credential (as shown) and scopes; one lock per slot, so that threads fetch each once.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<(String, String, Scopes), Slot>>);

/// Who asks for a token, for what.
pub(crate) struct Wish<'a> {
    pub(crate) registry: &'a str,
    pub(crate) server: &'a TokenServer,
    pub(crate) credential: Option<&'a Credential>,
    pub(crate) scopes: &'a Scopes,
}

#[derive(Deserialize)]
struct Answer {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
    expires_in: Option<u64>,
}

impl Tokens {
    /// Returns a live token that is not `stale`, from the cache or from the server.
    pub(crate) fn get(
        &self,
        client: &Client,
        wish: &Wish<'_>,
        stale: Option<&SecretString>,
        cancel: &Cancel,
    ) -> Result<SecretString, TokenFailure> {
        let who = wish.credential.map(ToString::to_string).unwrap_or_default();
        let key = (wish.registry.to_owned(), who, wish.scopes.clone());
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let now = client.options().pace.now();
        let usable = kept.as_ref().filter(|token| {
            token.dies > now && stale.is_none_or(|stale| stale.expose_secret() != token.value.expose_secret())
        });
        if let Some(token) = usable {
            return Ok(token.value.clone());
        }
        let token = fetch(client, wish, cancel)?;
        *kept = Some(token.clone());
        Ok(token.value)
    }
}

fn fetch(client: &Client, wish: &Wish<'_>, cancel: &Cancel) -> Result<Token, TokenFailure> {
    let request = match wish.credential.map(|credential| &credential.secret) {
        Some(Secret::Identity(token)) => exchange_request(wish, token),
        _ => get_request(wish),
    }?;
    let asked = client.options().pace.now();
    let response = client.send(&request, cancel).map_err(TokenFailure::Http)?;
    if !response.status().is_success() {
        return Err(TokenFailure::Refused(response.status().as_u16()));
    }
    let body = SecretString::from(
        String::from_utf8(response.bytes(MOST_ANSWER_BYTES, cancel).map_err(TokenFailure::Http)?)
            .map_err(|_| TokenFailure::Nonsense("the token server's answer is no text"))?,
    );
    let answer: Answer = serde_json::from_str(body.expose_secret())
        .map_err(|_| TokenFailure::Nonsense("the token server's answer is no token"))?;
    let filled = |token: Option<SecretString>| token.filter(|token| !token.expose_secret().is_empty());
    let value = filled(answer.token).or(filled(answer.access_token));
    let value = value.ok_or(TokenFailure::Nonsense("the token server's answer holds no token"))?;
    let life = answer.expires_in.map_or(DEFAULT_LIFE, |seconds| Duration::from_secs(seconds.min(86_400 * 30)));
    Ok(Token { value, dies: asked + life - MARGIN.min(life / 10) })
}

/// The form that every token server knows: GET, with the password as Basic where there is one.
fn get_request(wish: &Wish<'_>) -> Result<Request, TokenFailure> {
    let mut url = wish.server.realm.clone();
    let password = match wish.credential {
        Some(Credential { user, secret: Secret::Password(password), .. }) => Some((user, password)),
        _ => None,
    };
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = &wish.server.service {
            query.append_pair("service", service);
        }
        for scope in wish.scopes {
            query.append_pair("scope", scope);
        }
        if let Some((user, _)) = password {
            query.append_pair("account", user);
        }
    }
    let request = base_request(Method::GET, url)?;
    Ok(match password {
        Some((user, password)) => request.with_header(AUTHORIZATION, basic(user, password)?),
        None => request,
    })
}

/// The OAuth 2 form, which exchanges an identity token.
fn exchange_request(wish: &Wish<'_>, token: &SecretString) -> Result<Request, TokenFailure> {
    let mut form = Url::parse("form:").expect("a constant address is valid");
    let scopes: Vec<&str> = wish.scopes.iter().map(String::as_str).collect();
    form.query_pairs_mut()
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", token.expose_secret())
        .append_pair("client_id", "containr")
        .append_pair("service", wish.server.service.as_deref().unwrap_or_default())
        .append_pair("scope", &scopes.join(" "));
    let mut request = base_request(Method::POST, wish.server.realm.clone())?;
    request.body = form.query().unwrap_or_default().to_owned().into();
    Ok(request.with_header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")))
}

fn base_request(method: Method, url: Url) -> Result<Request, TokenFailure> {
    let mut request = Request::new(method, url);
    if is_loopback(&authority(&request.url)) {
        request.fallback = Fallback::PlainHttp;
    }
    Ok(request)
}

/// Returns the header value of Basic authentication, marked so that it is never shown.
pub(crate) fn basic(user: &str, password: &SecretString) -> Result<HeaderValue, TokenFailure> {
    let pair = SecretString::from(format!("{user}:{}", password.expose_secret()));
    sensitive(&SecretString::from(format!("Basic {}", STANDARD.encode(pair.expose_secret()))))
}

/// Returns the header value that presents a token, marked so that it is never shown.
pub(crate) fn bearer(token: &SecretString) -> Result<HeaderValue, TokenFailure> {
    sensitive(&SecretString::from(format!("Bearer {}", token.expose_secret())))
}

fn sensitive(text: &SecretString) -> Result<HeaderValue, TokenFailure> {
    let mut value = HeaderValue::from_str(text.expose_secret())
        .map_err(|_| TokenFailure::Nonsense("a token or password has characters that no header can hold"))?;
    value.set_sensitive(true);
    Ok(value)
}
