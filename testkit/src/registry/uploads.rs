//! The upload half of the protocol, with its cuts.

use std::io::{self, Read};

use containr_oci::Digest;

use super::auth;
use super::faults::{LocationForm, Revocation};
use super::state::State;
use super::wire::{Answer, Request};

/// How the body of an upload request ended.
pub(super) enum Ended {
    /// All of it was read.
    Whole,
    /// The connection is to be dropped without an answer.
    Cut,
    /// Nothing more is to be read or said until the registry ends.
    Stalled,
    /// The token died inside the body.
    Expired,
}

/// Begins an upload, or mounts.
pub(super) fn begin(state: &State, request: &Request, repository: &str) -> Answer {
    let mut inner = state.lock();
    let mounted = request.parameter("mount").and_then(|digest| digest.parse::<Digest>().ok());
    if let Some(digest) = mounted.filter(|digest| inner.blobs.contains_key(digest) && !inner.faults.refuse_mounts) {
        return Answer::new(201).with("Location", format!("/v2/{repository}/blobs/{digest}"));
    }
    let id = format!("upload-{}", inner.number());
    inner.uploads.insert(id.clone(), Vec::new());
    let location = location(inner.faults.location, &state.host, repository, &id, true);
    let answer = Answer::new(202).with("Location", location).with("Range", "0-0");
    match inner.faults.chunk_min_length {
        Some(least) => answer.with("OCI-Chunk-Min-Length", least.to_string()),
        None => answer,
    }
}

fn location(form: LocationForm, host: &str, repository: &str, id: &str, at_begin: bool) -> String {
    let state = "_state=x%2By";
    match form {
        LocationForm::Absolute => format!("http://{host}/v2/{repository}/blobs/uploads/{id}?{state}"),
        LocationForm::Path => format!("/v2/{repository}/blobs/uploads/{id}?{state}"),
        // Relative to `.../uploads/` at first and to `.../uploads/ID` later, which is the same folder.
        LocationForm::Relative if at_begin => format!("{id}?{state}"),
        LocationForm::Relative => format!("./{id}?{state}"),
    }
}

/// Reads a PATCH's or PUT's body into its upload.
pub(super) fn receive(state: &State, id: &str, body: &mut dyn Read, length: u64) -> io::Result<Ended> {
    let (limit, ended) = plan(state, length);
    let mut left = limit;
    let mut buffer = vec![0; 64 << 10];
    while left > 0 {
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = body.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Ok(Ended::Cut);
        }
        left -= read as u64;
        let mut inner = state.lock();
        inner.counts.received_bytes += read as u64;
        if let Some(upload) = inner.uploads.get_mut(id) {
            upload.extend_from_slice(&buffer[..read]);
        }
    }
    let mut inner = state.lock();
    if matches!(ended, Ended::Cut | Ended::Stalled) && inner.faults.lose_cut_uploads {
        inner.uploads.remove(id);
    }
    Ok(ended)
}

/// Decides how many bytes of a body are read, and what then.
fn plan(state: &State, length: u64) -> (u64, Ended) {
    let mut inner = state.lock();
    if let Some(Revocation::InBody(at)) = inner.faults.revocation.filter(|_| length > 0) {
        inner.faults.revocation = None;
        inner.tokens.clear();
        return (at.min(length), Ended::Expired);
    }
    if length == 0 {
        return (0, Ended::Whole);
    }
    if let Some(at) = inner.faults.stall_upload_once.take() {
        return (at.min(length), Ended::Stalled);
    }
    let once = inner.faults.cut_upload_once.take();
    match once.or(inner.faults.cut_upload_every) {
        Some(at) if at < length => (at, Ended::Cut),
        _ => (length, Ended::Whole),
    }
}

/// Answers a PATCH whose body was read.
pub(super) fn patched(state: &State, repository: &str, id: &str) -> Answer {
    standing(state, repository, id, 202)
}

/// Says how much of an upload is there.
pub(super) fn status(state: &State, repository: &str, id: &str) -> Answer {
    standing(state, repository, id, 204)
}

fn standing(state: &State, repository: &str, id: &str, status: u16) -> Answer {
    let inner = state.lock();
    let Some(upload) = inner.uploads.get(id) else { return Answer::error(404, "BLOB_UPLOAD_UNKNOWN") };
    let location = location(inner.faults.location, &state.host, repository, id, false);
    let range = format!("0-{}", upload.len().saturating_sub(1));
    Answer::new(status).with("Location", location).with("Range", range)
}

/// Returns the refusal of a chunk that does not begin where the upload ends.
pub(super) fn misplaced(state: &State, request: &Request, repository: &str, id: &str) -> Option<Answer> {
    let held = state.lock().uploads.get(id).map(Vec::len);
    let Some(held) = held else { return Some(Answer::error(404, "BLOB_UPLOAD_UNKNOWN")) };
    let start = request.header("content-range").split('-').next()?.parse::<usize>();
    let start = start.unwrap_or(0);
    (start != held).then(|| standing(state, repository, id, 416))
}

/// Closes an upload under its digest.
pub(super) fn commit(state: &State, request: &Request, repository: &str, id: &str) -> Answer {
    let mut inner = state.lock();
    if inner.faults.revocation == Some(Revocation::AtCommit) {
        inner.faults.revocation = None;
        inner.tokens.clear();
        drop(inner);
        return auth::expired(state, request, repository);
    }
    let Some(upload) = inner.uploads.get(id) else { return Answer::error(404, "BLOB_UPLOAD_UNKNOWN") };
    let digest = Digest::of(upload);
    if request.parameter("digest") != Some(&digest.to_string()) {
        return Answer::error(400, "DIGEST_INVALID");
    }
    let bytes = inner.uploads.remove(id).unwrap_or_default();
    inner.blobs.insert(digest, bytes.into());
    Answer::new(201).with("Docker-Content-Digest", digest.to_string())
}
