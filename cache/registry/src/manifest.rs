//! Manifests and indexes: by tag or digest, always checked, always the raw bytes.

use containr_http::header::{ACCEPT, CONTENT_TYPE};
use containr_http::{HeaderValue, Method, Patience, Response, StatusCode};
use containr_oci::{Descriptor, Digest, Hasher, Reference, Target, media};

use crate::context::Context;
use crate::error::RegistryError;
use crate::hosts::{Endpoint, Purpose};
use crate::registries::Registries;
use crate::session::{Access, Call, Session};

/// Longest manifest that is read: twice what registries must take (distribution specification, "Pushing Manifests").
pub const MOST_MANIFEST_BYTES: u64 = 8 << 20;

const PULL: &str = "pull the manifest of";
const PUSH: &str = "push the manifest of";

/// What a reference led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Type, digest and size of `bytes`.
    pub descriptor: Descriptor,
    /// The manifest or index exactly as the registry sent it.
    pub bytes: Vec<u8>,
    /// The server that sent it: the registry's host or a mirror's.
    pub from: String,
}

impl Registries {
    /// Fetches the manifest or index that a reference names; with tag and digest the digest counts.
    ///
    /// # Errors
    /// Nobody has it, or what came is not what its digest or the `Docker-Content-Digest` header says, or no manifest.
    pub fn resolve(&self, reference: &Reference, context: &Context<'_>) -> Result<Resolved, RegistryError> {
        let purpose = if reference.digest().is_some() { Purpose::Pull } else { Purpose::Resolve };
        self.first_of(reference, purpose, context, |endpoint| self.fetch(endpoint, reference, context))
    }

    /// Asks what a tag points to without fetching it; `None` when the registry does not tell by HEAD.
    ///
    /// The digest is the registry's word and not checked; it only answers whether a copy at hand is current.
    ///
    /// # Errors
    /// Nobody could be asked, or access is denied.
    pub fn current(&self, reference: &Reference, context: &Context<'_>) -> Result<Option<Digest>, RegistryError> {
        self.first_of(reference, Purpose::Resolve, context, |endpoint| {
            let session = Session::new(self, endpoint, Access::Read, context, reference.to_string());
            let response = session.send(&manifest_call(endpoint, Method::HEAD, &selector(reference)))?;
            match response.status() {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(session.refusal(PULL, response)),
                status if status.is_success() => Ok(announced(&response)),
                _ => Ok(None),
            }
        })
    }

    /// Fetches the manifest of `digest` in the repository of `reference`.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn manifest(
        &self,
        reference: &Reference,
        digest: &Digest,
        context: &Context<'_>,
    ) -> Result<Vec<u8>, RegistryError> {
        Ok(self.resolve(&reference.with_digest(*digest), context)?.bytes)
    }

    /// Stores a manifest under the reference's tag, or under its digest where the reference has no tag.
    ///
    /// Everything that it names must be there already: this is the moment at which an image becomes visible.
    ///
    /// # Errors
    /// The registry refuses, or stored something else.
    ///
    /// # Panics
    /// When the reference pins a digest and has no tag, and `bytes` has another digest.
    pub fn push_manifest(
        &self,
        reference: &Reference,
        media_type: &str,
        bytes: &[u8],
        context: &Context<'_>,
    ) -> Result<Digest, RegistryError> {
        let digest = Digest::of(bytes);
        let name = match (reference.tag(), reference.digest()) {
            (Some(tag), _) => tag.to_owned(),
            (None, pinned) => {
                assert!(pinned.is_none_or(|pinned| *pinned == digest), "a manifest is pushed under its own digest");
                digest.to_string()
            }
        };
        self.first_of(reference, Purpose::Push, context, |endpoint| {
            let session = Session::new(self, endpoint, Access::Write, context, reference.to_string());
            let mut call = Call::new(PUSH, Method::PUT, endpoint.url(&format!("manifests/{name}")));
            call.body = bytes.to_vec().into();
            call.patience = Patience::Commit;
            let kind = HeaderValue::from_str(media_type)
                .map_err(|_| session.protocol("the manifest's media type cannot be a header"))?;
            call.headers.insert(CONTENT_TYPE, kind);
            let response = session.send(&call)?;
            if !response.status().is_success() {
                return Err(session.refusal(PUSH, response));
            }
            match announced(&response) {
                Some(stored) if stored.algorithm() == digest.algorithm() && stored != digest => {
                    Err(corrupt(endpoint, digest, stored))
                }
                _ => Ok(digest),
            }
        })
    }

    fn fetch(
        &self,
        endpoint: &Endpoint,
        reference: &Reference,
        context: &Context<'_>,
    ) -> Result<Resolved, RegistryError> {
        let session = Session::new(self, endpoint, Access::Read, context, reference.to_string());
        let call = manifest_call(endpoint, Method::GET, &selector(reference));
        let mut tries = 1;
        let (header_digest, header_type, bytes) = loop {
            // The client has tried often enough to get an answer; what is tried again here is an answer that was cut.
            let response = answer(&session, &call)?;
            match read(&session, response) {
                Err(error) if error.is_transient() && tries < self.settings.tries => {
                    tries += 1;
                    session.wait_before(tries)?;
                }
                done => break done?,
            }
        };
        let expected = reference.digest().copied().into_iter().chain(header_digest);
        for expected in expected {
            let actual = digest_like(&expected, &bytes);
            if actual != expected {
                return Err(corrupt(endpoint, expected, actual));
            }
        }
        let media_type = kind_of(&bytes, header_type.as_deref())
            .map_err(|source| RegistryError::Manifest { reference: reference.to_string(), source })?;
        let digest = reference.digest().copied().unwrap_or_else(|| Digest::of(&bytes));
        let descriptor = Descriptor::new(&media_type, digest, bytes.len() as u64);
        Ok(Resolved { descriptor, bytes, from: endpoint.authority() })
    }
}

type Answer = (Option<Digest>, Option<String>, Vec<u8>);

fn answer(session: &Session<'_>, call: &Call) -> Result<Response, RegistryError> {
    let response = session.send(call)?;
    if response.status().is_success() { Ok(response) } else { Err(session.refusal(PULL, response)) }
}

fn read(session: &Session<'_>, response: Response) -> Result<Answer, RegistryError> {
    if let Some(warning) = response.header("warning").and_then(|text| text.strip_prefix("299 - ")) {
        session.context.warn(format!("{} says: {}", session.endpoint.authority(), warning.trim_matches('"')));
    }
    let (digest, kind) = (announced(&response), response.header("content-type").map(str::to_owned));
    let bytes = response.bytes(MOST_MANIFEST_BYTES, session.context.cancel);
    Ok((digest, kind, bytes.map_err(|source| session.failure(PULL, source))?))
}

fn manifest_call(endpoint: &Endpoint, method: Method, selector: &str) -> Call {
    let mut call = Call::new(PULL, method, endpoint.url(&format!("manifests/{selector}")));
    for kind in [media::MANIFEST, media::INDEX, media::DOCKER_MANIFEST, media::DOCKER_LIST] {
        call.headers.append(ACCEPT, HeaderValue::from_static(kind));
    }
    call
}

/// Returns the last part of a manifest's address: the digest where there is one.
fn selector(reference: &Reference) -> String {
    let tag = || reference.tag().unwrap_or("latest").to_owned();
    reference.digest().map_or_else(tag, ToString::to_string)
}

/// Returns the digest that a registry announces, where it does so in a known algorithm.
fn announced(response: &Response) -> Option<Digest> {
    response.header("docker-content-digest")?.trim().parse().ok()
}

fn digest_like(model: &Digest, bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(model.algorithm());
    hasher.update(bytes);
    hasher.finish()
}

fn corrupt(endpoint: &Endpoint, expected: Digest, actual: Digest) -> RegistryError {
    RegistryError::Corrupt {
        what: "manifest",
        host: endpoint.authority(),
        expected: expected.into(),
        actual: actual.into(),
    }
}

/// Returns the media type: the document's own, else the header's where it is one of the four, else OCI's by shape.
fn kind_of(bytes: &[u8], header: Option<&str>) -> Result<String, containr_oci::ManifestError> {
    let header = header.map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    let (own, by_shape) = match Target::parse(bytes, header)? {
        Target::Manifest(manifest) => (manifest.media_type, media::MANIFEST),
        Target::Index(index) => (index.media_type, media::INDEX),
    };
    let known = [media::MANIFEST, media::INDEX, media::DOCKER_MANIFEST, media::DOCKER_LIST];
    let from_header = || header.filter(|kind| known.contains(kind)).unwrap_or(by_shape).to_owned();
    Ok(own.unwrap_or_else(from_header))
}
