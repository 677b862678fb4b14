//! Requests to one server about one repository, with the credentials that it wants.

use std::io::Read;

use bytes::Bytes;
use containr_http::header::AUTHORIZATION;
use containr_http::{HeaderMap, HeaderValue, HttpError, Method, Patience, Request, Response, StatusCode, Url};
use containr_oci::Reference;
use secrecy::SecretString;
use serde::Deserialize;

use crate::auth::challenge::{self, Challenge};
use crate::auth::credential::{Credential, Secret};
use crate::auth::token::{Scopes, TokenFailure, TokenServer, Wish, basic, bearer};
use crate::context::Context;
use crate::error::RegistryError;
use crate::hosts::Endpoint;
use crate::registries::Registries;

/// Bytes of an error body that are looked at.
const MOST_ERROR_BYTES: u64 = 64 << 10;
/// Characters of a registry's message that are shown.
const MOST_DETAIL_CHARS: usize = 300;

/// One request, before credentials.
pub(crate) struct Call {
    /// What the user sees when it fails, for example `pull the manifest of`.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) patience: Patience,
}

/// The credentials that went with a request.
#[derive(Default)]
pub(crate) struct Pass {
    header: Option<HeaderValue>,
    token: Option<SecretString>,
}

/// A server, a repository and what may be done there.
pub(crate) struct Session<'a> {
    pub(crate) registries: &'a Registries,
    pub(crate) endpoint: Endpoint,
    pub(crate) context: Context<'a>,
    /// The image or blob, for messages.
    pub(crate) subject: String,
    scopes: Scopes,
}

/// What a session may do with its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Call {
    pub(crate) fn new(operation: &'static str, method: Method, url: Url) -> Self {
        Self { operation, method, url, headers: HeaderMap::new(), body: Bytes::new(), patience: Patience::Idle }
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        registries: &'a Registries,
        endpoint: &Endpoint,
        access: Access,
        context: &Context<'a>,
        subject: String,
    ) -> Self {
        let actions = match access {
            Access::Read => "pull",
            Access::Write => "pull,push",
        };
        let scopes = Scopes::from([format!("repository:{}:{actions}", endpoint.repository)]);
        Self { registries, endpoint: endpoint.clone(), context: *context, subject, scopes }
    }

    /// Lets the session read `source` as well, for a mount from there.
    pub(crate) fn reading(mut self, source: &Reference) -> Self {
        self.scopes.insert(format!("repository:{}:pull", source.repository()));
        self
    }

    /// Sends a call and returns the answer of any status but 401, for which new credentials are tried.
    ///
    /// A first request without credentials only learns what is wanted, so the token that it led to may still die once.
    pub(crate) fn send(&self, call: &Call) -> Result<Response, RegistryError> {
        let mut pass = self.pass(&call.url)?;
        let mut renewals = if pass.header.is_none() { 2 } else { 1 };
        loop {
            let response = self.send_with(call, &pass)?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            let renewed = if renewals > 0 { self.renew(&response, &pass)? } else { None };
            let Some(renewed) = renewed else { return Err(self.refusal(call.operation, response)) };
            pass = renewed;
            renewals -= 1;
        }
    }

    /// Sends a call with a long body once; the answer may be a 401, after which [`Self::renew`] is to be called.
    pub(crate) fn stream(
        &self,
        call: &Call,
        pass: &Pass,
        (source, length): (&mut dyn Read, u64),
        moved: &mut dyn FnMut(u64),
    ) -> Result<Response, HttpError> {
        let request = self.request(call, pass);
        self.registries.client.send_stream(&request, source, length, self.context.cancel, moved)
    }

    /// Returns the credentials for a request to `url` as far as they are known; none for other hosts.
    pub(crate) fn pass(&self, url: &Url) -> Result<Pass, RegistryError> {
        if !self.is_ours(url) {
            return Ok(Pass::default());
        }
        let challenge = self.registries.challenge(&self.endpoint.authority());
        self.answer(challenge.as_ref(), None)
    }

    /// Answers the challenge of a 401; `None` when there is nothing (else) to answer with.
    pub(crate) fn renew(&self, response: &Response, used: &Pass) -> Result<Option<Pass>, RegistryError> {
        let Some(challenge) = challenge::parse(response.headers()).filter(|_| self.is_ours(response.url())) else {
            return Ok(None);
        };
        self.registries.remember(self.endpoint.authority(), challenge.clone());
        let pass = self.answer(Some(&challenge), used.token.as_ref())?;
        Ok((pass.header.is_some() && pass.header != used.header).then_some(pass))
    }

    pub(crate) fn refusal(&self, operation: &'static str, response: Response) -> RegistryError {
        let status = response.status().as_u16();
        let (reference, host) = (self.subject.clone(), self.endpoint.authority());
        let detail =
            response.bytes(MOST_ERROR_BYTES, self.context.cancel).map(|body| detail(&body)).unwrap_or_default();
        match status {
            401 | 403 => RegistryError::Denied { reference, host, credentials: self.who(), detail },
            404 => RegistryError::NotFound { reference, host },
            _ => RegistryError::Status { operation, reference, host, status, detail },
        }
    }

    pub(crate) fn failure(&self, operation: &'static str, source: HttpError) -> RegistryError {
        match source {
            HttpError::Cancelled => RegistryError::Cancelled,
            source => RegistryError::Http { operation, reference: self.subject.clone(), source },
        }
    }

    pub(crate) fn protocol(&self, problem: &'static str) -> RegistryError {
        RegistryError::Protocol { host: self.endpoint.authority(), problem }
    }

    /// Waits before the next try of something that was cut.
    pub(crate) fn wait_before(&self, next: u32) -> Result<(), RegistryError> {
        let waited = self.registries.client.wait_before(next, None, self.context.cancel);
        waited.map_err(|source| self.failure("go on with", source))
    }

    fn send_with(&self, call: &Call, pass: &Pass) -> Result<Response, RegistryError> {
        let sent = self.registries.client.send(&self.request(call, pass), self.context.cancel);
        sent.map_err(|source| self.failure(call.operation, source))
    }

    fn request(&self, call: &Call, pass: &Pass) -> Request {
        let mut request = Request::new(call.method.clone(), call.url.clone());
        request.headers = call.headers.clone();
        request.body = call.body.clone();
        request.patience = call.patience;
        if self.is_ours(&call.url) {
            request.headers.extend(self.endpoint.headers.clone());
            request.tls = self.endpoint.tls.clone();
            request.connect_timeout = self.endpoint.connect_timeout;
            request.fallback = self.endpoint.fallback;
        }
        if let Some(header) = &pass.header {
            request.headers.insert(AUTHORIZATION, header.clone());
        }
        request
    }

    /// Returns whether an address is on the server that the session speaks with, whatever the scheme: a loopback registry
    /// answers over plain http to what was asked as https.
    fn is_ours(&self, url: &Url) -> bool {
        let same_host = containr_http::authority(url) == self.endpoint.authority();
        let downgraded = self.endpoint.base.scheme() == "https" && url.scheme() == "http";
        same_host && (!downgraded || self.endpoint.fallback == containr_http::Fallback::PlainHttp)
    }

    fn answer(&self, challenge: Option<&Challenge>, stale: Option<&SecretString>) -> Result<Pass, RegistryError> {
        let credential = self.registries.credential(&self.endpoint.account, &self.endpoint.repository)?;
        let made = match (challenge, credential.as_ref().map(|credential| (&credential.secret, credential))) {
            (_, Some((Secret::Registry(token), _))) => bearer(token).map(|header| (Some(header), None)),
            (Some(Challenge::Basic), Some((Secret::Password(password), credential))) => {
                basic(&credential.user, password).map(|header| (Some(header), None))
            }
            (Some(Challenge::Bearer { realm, service, scope }), _) => {
                let server = self.token_server(realm, service.as_ref(), credential.as_ref())?;
                let scopes = self.scopes_with(scope.as_deref());
                return self.token(&server, credential.as_ref(), &scopes, stale);
            }
            _ => Ok((None, None)),
        };
        let (header, token) = made.map_err(|failure| self.token_error(failure, credential.as_ref()))?;
        Ok(Pass { header, token })
    }

    fn token(
        &self,
        server: &TokenServer,
        credential: Option<&Credential>,
        scopes: &Scopes,
        stale: Option<&SecretString>,
    ) -> Result<Pass, RegistryError> {
        let registry = self.endpoint.authority();
        let wish = Wish { registry: &registry, server, credential, scopes };
        let (client, tokens) = (&self.registries.client, &self.registries.tokens);
        let got = tokens.get(client, &wish, stale, self.context.cancel).and_then(|token| Ok((bearer(&token)?, token)));
        let (header, token) = got.map_err(|failure| self.token_error(failure, credential))?;
        Ok(Pass { header: Some(header), token: Some(token) })
    }

    /// Checks a realm: a secret that belongs to an https registry is not sent over plain http, except to this machine.
    fn token_server(
        &self,
        realm: &str,
        service: Option<&String>,
        credential: Option<&Credential>,
    ) -> Result<TokenServer, RegistryError> {
        let realm: Url = realm.parse().map_err(|_| self.protocol("its token server has no usable address"))?;
        let plain = realm.scheme() != "https" && !containr_http::is_loopback(&containr_http::authority(&realm));
        if plain && credential.is_some() && self.endpoint.fallback == containr_http::Fallback::Never {
            return Err(self.protocol("its token server would take the password over plain http"));
        }
        Ok(TokenServer { realm, service: service.cloned() })
    }

    /// Returns the session's scopes and those that the registry asked for beyond them.
    fn scopes_with(&self, asked: Option<&str>) -> Scopes {
        let mut scopes = self.scopes.clone();
        for scope in asked.unwrap_or_default().split_whitespace() {
            if !scopes.iter().any(|own| covers(own, scope)) {
                scopes.insert(scope.to_owned());
            }
        }
        scopes
    }

    fn token_error(&self, failure: TokenFailure, credential: Option<&Credential>) -> RegistryError {
        let (reference, host) = (self.subject.clone(), self.endpoint.authority());
        let credentials = credential.map_or_else(|| "no credentials".to_owned(), ToString::to_string);
        match failure {
            TokenFailure::Http(source) => self.failure("get a token for", source),
            TokenFailure::Nonsense(problem) => RegistryError::Protocol { host, problem },
            TokenFailure::Refused(status @ (400 | 401 | 403)) => {
                let detail = format!(" the token server answers {status}");
                RegistryError::Denied { reference, host, credentials, detail }
            }
            TokenFailure::Refused(status) => {
                RegistryError::Status { operation: "get a token for", reference, host, status, detail: String::new() }
            }
        }
    }

    fn who(&self) -> String {
        let found = self.registries.credential(&self.endpoint.account, &self.endpoint.repository).ok().flatten();
        found.map_or_else(|| "no credentials".to_owned(), |credential| credential.to_string())
    }
}

/// Returns whether scope `own` grants all that `asked` does.
fn covers(own: &str, asked: &str) -> bool {
    match (own.rsplit_once(':'), asked.rsplit_once(':')) {
        (Some((own, granted)), Some((name, actions))) => {
            own == name && actions.split(',').all(|action| granted.split(',').any(|grant| grant == action))
        }
        _ => own == asked,
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    errors: Vec<ErrorEntry>,
}

#[derive(Deserialize)]
struct ErrorEntry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// Returns ` CODE: message` of a registry's error body (distribution specification, "Error Codes"), or nothing.
fn detail(body: &[u8]) -> String {
    let Ok(ErrorBody { errors }) = serde_json::from_slice(body) else { return String::new() };
    let parts: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.code, error.message)).collect();
    let line = parts.join("; ").chars().filter(|char| !char.is_control()).take(MOST_DETAIL_CHARS).collect::<String>();
    if line.is_empty() { line } else { format!(" {line}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_its_parts() {
        assert!(covers("repository:a/b:pull,push", "repository:a/b:pull"));
        assert!(!covers("repository:a/b:pull", "repository:a/b:pull,push"));
        assert!(!covers("repository:a/b:pull", "repository:a/c:pull"));
    }

    #[test]
    fn error_bodies_become_one_line_without_control_characters() {
        let body = br#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow\ndown\u001b[0m"},{"code":"X"}]}"#;
        assert_eq!(detail(body), " TOOMANYREQUESTS: slowdown[0m; X: ");
        assert_eq!(detail(b"<html>"), "");
    }
}
