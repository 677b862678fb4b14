//! Blobs to a registry: nothing is sent that is there already, nothing is sent twice that the server has kept.

mod upload;

use std::io::{self, Read};

use containr_http::{Method, Response, StatusCode};
use containr_oci::{Descriptor, Reference};

use crate::context::{Context, Meter};
use crate::error::RegistryError;
use crate::hosts::{Endpoint, Purpose};
use crate::registries::Registries;
use crate::session::{Access, Call, Session};
use upload::{Begun, Upload};

const PUSH: &str = "push the blob";
/// Repositories that a mount is tried from; each costs a round trip.
const MOST_MOUNTS: usize = 3;

/// Gives the bytes of a blob from any place, as often as they are needed.
pub trait BlobSource: Sync {
    /// Opens the blob at an offset of at most its size.
    ///
    /// # Errors
    /// Whatever the storage says.
    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send + '_>>;
}

impl BlobSource for [u8] {
    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let start = usize::try_from(offset).ok().filter(|start| *start <= self.len());
        let start = start.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(Box::new(&self[start..]))
    }
}

/// How a blob came to be in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It was there.
    Existed,
    /// The registry linked it from another repository.
    Mounted,
    /// Its bytes were sent.
    Uploaded,
}

impl Registries {
    /// Makes sure that a blob is in the repository of `reference`; `mount_from` names repositories that may have it.
    ///
    /// # Errors
    /// Access is denied, the registry refuses the bytes, or the connection breaks too often without progress.
    pub fn push_blob(
        &self,
        reference: &Reference,
        blob: &Descriptor,
        source: &dyn BlobSource,
        mount_from: &[Reference],
        context: &Context<'_>,
    ) -> Result<Pushed, RegistryError> {
        self.first_of(reference, Purpose::Push, context, |endpoint| {
            let session = Session::new(self, endpoint, Access::Write, context, blob.digest.to_string());
            let mut meter = Meter::new(*context, blob);
            let pushed = if exists(&session, blob)? {
                Pushed::Existed
            } else {
                self.send_blob(endpoint, &session, (reference, blob), (source, mount_from), &mut meter)?
            };
            meter.complete();
            Ok(pushed)
        })
    }

    fn send_blob(
        &self,
        endpoint: &Endpoint,
        session: &Session<'_>,
        (reference, blob): (&Reference, &Descriptor),
        (source, mount_from): (&dyn BlobSource, &[Reference]),
        meter: &mut Meter<'_>,
    ) -> Result<Pushed, RegistryError> {
        let elsewhere =
            |from: &&Reference| from.registry() == reference.registry() && from.repository() != reference.repository();
        let mut begun = None;
        for from in mount_from.iter().filter(elsewhere).take(MOST_MOUNTS) {
            if let Some(abandoned) = begun.take() {
                cancel(session, &abandoned);
            }
            let access = Session::new(self, endpoint, Access::Write, &session.context, session.subject.clone());
            match mount(&access.reading(from), blob, from)? {
                Mount::Done => return Ok(Pushed::Mounted),
                Mount::Begun(upload) => begun = Some(upload),
                Mount::Refused => {}
            }
        }
        let begun = begun.map_or_else(|| upload::begin(session), Ok)?;
        Upload::new(session, blob, source, begun).run(meter)?;
        Ok(Pushed::Uploaded)
    }
}

/// Asks by HEAD; a server that does not know the verb counts as not having the blob.
fn exists(session: &Session<'_>, blob: &Descriptor) -> Result<bool, RegistryError> {
    let url = session.endpoint.url(&format!("blobs/{}", blob.digest));
    let response = session.send(&Call::new(PUSH, Method::HEAD, url))?;
    let length = response.header("content-length").and_then(|text| text.parse::<u64>().ok());
    Ok(response.status() == StatusCode::OK && length.is_none_or(|length| length == blob.size))
}

enum Mount {
    Done,
    /// The server would rather have the bytes, here.
    Begun(Begun),
    Refused,
}

fn mount(session: &Session<'_>, blob: &Descriptor, from: &Reference) -> Result<Mount, RegistryError> {
    let mut url = session.endpoint.url("blobs/uploads/");
    url.query_pairs_mut().append_pair("mount", &blob.digest.to_string()).append_pair("from", from.repository());
    let response = match session.send(&Call::new(PUSH, Method::POST, url)) {
        // No right to read the source is no reason not to push.
        Err(RegistryError::Denied { .. }) => return Ok(Mount::Refused),
        answered => answered?,
    };
    Ok(match response.status() {
        StatusCode::CREATED => Mount::Done,
        StatusCode::ACCEPTED => upload::begun(session, &response).map_or(Mount::Refused, Mount::Begun),
        _ => Mount::Refused,
    })
}

/// Gives up an upload that is not needed; the server would drop it some day anyway.
fn cancel(session: &Session<'_>, abandoned: &Begun) {
    let _: Result<Response, _> = session.send(&Call::new(PUSH, Method::DELETE, abandoned.location.clone()));
}
