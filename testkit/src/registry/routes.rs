//! One connection: reads requests, finds who answers, breaks what is to be broken.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use containr_oci::Digest;

use super::auth;
use super::faults::{Head, Revocation};
use super::state::{Logged, State};
use super::uploads::{self, Ended};
use super::wire::{Answer, Request, write_head};

/// Whether a connection can take another request.
enum Connection {
    Open,
    Done,
}

/// Serves a connection until its end.
pub(super) fn serve(stream: TcpStream, state: &State) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut reader = BufReader::with_capacity(16 << 10, reading);
    let mut stream = stream;
    while let Some(request) = Request::read(&mut reader) {
        log(state, &request);
        match answer(state, &request, &mut reader, &mut stream) {
            Ok(Connection::Open) if !state.is_stopped() => {}
            _ => break,
        }
    }
}

fn log(state: &State, request: &Request) {
    let logged = Logged {
        method: request.method.clone(),
        target: request.target.clone(),
        authorization: request.header("authorization").to_owned(),
        test_header: request.header("x-test").to_owned(),
    };
    state.lock().counts.requests.push(logged);
}

fn answer(
    state: &State,
    request: &Request,
    reader: &mut BufReader<TcpStream>,
    stream: &mut TcpStream,
) -> io::Result<Connection> {
    if request.path == "/token" {
        let body = read_body(request, reader)?;
        auth::token(state, request, &body).write(stream, &request.method)?;
        return Ok(Connection::Open);
    }
    let Some((repository, kind, name)) = split(&request.path) else {
        Answer::error(404, "NOT_FOUND").write(stream, &request.method)?;
        return Ok(Connection::Done);
    };
    if let Some(refusal) = busy(state, request).or_else(|| auth::refuse(state, request, repository)) {
        refusal.write(stream, &request.method)?;
        // A body that nobody reads makes the connection useless.
        return Ok(if request.length == 0 { Connection::Open } else { Connection::Done });
    }
    if request.method == "HEAD"
        && let Head::Fails(status) = state.lock().faults.head
    {
        Answer::new(status).write(stream, "HEAD")?;
        return Ok(Connection::Open);
    }
    match kind {
        "manifests" => {
            let body = read_body(request, reader)?;
            manifests(state, request, repository, (name, &body)).write(stream, &request.method)?;
            Ok(Connection::Open)
        }
        "uploads" => upload(state, request, (repository, name), reader, stream),
        "tags" => {
            tags(state, request, repository).write(stream, &request.method)?;
            Ok(Connection::Open)
        }
        _ => blobs(state, request, (repository, name), stream),
    }
}

/// Splits `/v2/REPOSITORY/KIND/NAME`.
fn split(path: &str) -> Option<(&str, &'static str, &str)> {
    let rest = path.strip_prefix("/v2/")?;
    for (mark, kind) in
        [("/blobs/uploads/", "uploads"), ("/blobs/", "blobs"), ("/manifests/", "manifests"), ("/tags/", "tags")]
    {
        if let Some((repository, name)) = rest.split_once(mark) {
            return Some((repository, kind, name));
        }
    }
    None
}

fn read_body(request: &Request, reader: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    reader.by_ref().take(request.length).read_to_end(&mut body)?;
    Ok(body)
}

fn busy(state: &State, request: &Request) -> Option<Answer> {
    let mut inner = state.lock();
    let busy = inner.faults.busy.clone()?;
    let answered = inner.busy_answers.entry(request.method.clone()).or_default();
    if *answered >= busy.times_per_verb {
        return None;
    }
    *answered += 1;
    let answer = Answer::error(busy.status, "TOOMANYREQUESTS");
    Some(match busy.retry_after {
        Some(wait) => answer.with("Retry-After", wait),
        None => answer,
    })
}

fn manifests(state: &State, request: &Request, repository: &str, (name, body): (&str, &[u8])) -> Answer {
    let mut inner = state.lock();
    if inner.faults.revocation == Some(Revocation::AtManifest) && request.method != "HEAD" {
        inner.faults.revocation = None;
        inner.tokens.clear();
        drop(inner);
        return auth::expired(state, request, repository);
    }
    if request.method == "PUT" {
        let digest = inner.store_manifest(repository, name, request.header("content-type"), body);
        return Answer::new(201).with("Docker-Content-Digest", digest.to_string());
    }
    let tagged = inner.tags.get(&(repository.to_owned(), name.to_owned())).copied();
    let digest = tagged.or_else(|| name.parse::<Digest>().ok());
    let Some((digest, (kind, bytes))) = digest.and_then(|digest| Some((digest, inner.manifests.get(&digest)?))) else {
        return Answer::error(404, "MANIFEST_UNKNOWN");
    };
    let announced = inner.faults.manifest_digest.clone().unwrap_or_else(|| digest.to_string());
    let mut answer = Answer::new(200).with("Content-Type", kind.clone());
    if !announced.is_empty() {
        answer = answer.with("Docker-Content-Digest", announced);
    }
    answer.body = inner.faults.manifest_bytes.clone().unwrap_or_else(|| bytes.clone());
    answer
}

/// Lists tags, two a page, the newest name first as some registries do.
fn tags(state: &State, request: &Request, repository: &str) -> Answer {
    let last = request.target.split_once("last=").map(|(_, last)| last.to_owned());
    let inner = state.lock();
    let own = inner.tags.keys().filter(|(one, _)| one == repository).map(|(_, tag)| tag.clone());
    let mut left: Vec<String> = own.filter(|tag| last.as_ref().is_none_or(|last| tag < last)).collect();
    left.reverse();
    let page = &left[..left.len().min(2)];
    let list = page.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<_>>().join(",");
    let mut answer = Answer::new(200).with("Content-Type", "application/json".to_owned());
    if let Some(last) = page.last().filter(|_| left.len() > page.len()) {
        answer = answer.with("Link", format!("</v2/{repository}/tags/list?last={last}>; rel=\"next\""));
    }
    answer.body = format!("{{\"name\":\"{repository}\",\"tags\":[{list}]}}").into_bytes();
    answer
}

fn upload(
    state: &State,
    request: &Request,
    (repository, id): (&str, &str),
    reader: &mut BufReader<TcpStream>,
    stream: &mut TcpStream,
) -> io::Result<Connection> {
    let answer = match request.method.as_str() {
        "POST" => uploads::begin(state, request, repository),
        "GET" => uploads::status(state, repository, id),
        "DELETE" => {
            state.lock().uploads.remove(id);
            Answer::new(204)
        }
        method => {
            if let Some(refusal) = uploads::misplaced(state, request, repository, id).filter(|_| method == "PATCH") {
                refusal.write(stream, method)?;
                return Ok(Connection::Done);
            }
            match uploads::receive(state, id, reader, request.length)? {
                Ended::Whole if method == "PATCH" => uploads::patched(state, repository, id),
                Ended::Whole => uploads::commit(state, request, repository, id),
                Ended::Cut => return Ok(Connection::Done),
                Ended::Stalled => {
                    state.stall();
                    return Ok(Connection::Done);
                }
                Ended::Expired => return expire(state, request, repository, (reader, stream)),
            }
        }
    };
    answer.write(stream, &request.method)?;
    Ok(Connection::Open)
}

/// Bytes of a refused body that are still read before the connection is closed, as Go's servers do.
const LINGER_BYTES: u64 = 256 << 10;

/// Says 401 inside a body; the answer may be lost with the connection, as it may be with real servers.
fn expire(
    state: &State,
    request: &Request,
    repository: &str,
    (reader, stream): (&mut BufReader<TcpStream>, &mut TcpStream),
) -> io::Result<Connection> {
    auth::expired(state, request, repository).write(stream, &request.method)?;
    stream.shutdown(Shutdown::Write)?;
    let lingered = io::copy(&mut reader.by_ref().take(LINGER_BYTES), &mut io::sink()).unwrap_or(0);
    state.lock().counts.received_bytes += lingered;
    Ok(Connection::Done)
}

fn blobs(
    state: &State,
    request: &Request,
    (repository, name): (&str, &str),
    stream: &mut TcpStream,
) -> io::Result<Connection> {
    let digest = name.parse::<Digest>().ok();
    if request.method == "HEAD" {
        let length = digest.and_then(|digest| state.lock().blobs.get(&digest).map(|bytes| bytes.len() as u64));
        write_head(stream, if length.is_some() { 200 } else { 404 }, &[], length.unwrap_or(0))?;
        return Ok(Connection::Open);
    }
    if let Some(refusal) = between_blobs(state, request, repository) {
        refusal.write(stream, "GET")?;
        return Ok(Connection::Open);
    }
    if let Some(host) = state.lock().faults.redirect_blobs.clone() {
        let location = format!("http://{host}{}", request.target);
        Answer::new(307).with("Location", location).write(stream, "GET")?;
        return Ok(Connection::Open);
    }
    match digest.and_then(|digest| state.lock().served_blob(&digest)) {
        Some(bytes) => send_blob(state, request, &bytes, stream),
        None => {
            Answer::error(404, "BLOB_UNKNOWN").write(stream, "GET")?;
            Ok(Connection::Open)
        }
    }
}

fn between_blobs(state: &State, request: &Request, repository: &str) -> Option<Answer> {
    let mut inner = state.lock();
    inner.blob_gets += 1;
    if inner.faults.revocation != Some(Revocation::BetweenBlobs) || inner.blob_gets < 2 {
        return None;
    }
    inner.faults.revocation = None;
    inner.tokens.clear();
    drop(inner);
    Some(auth::expired(state, request, repository))
}

fn send_blob(state: &State, request: &Request, bytes: &[u8], stream: &mut TcpStream) -> io::Result<Connection> {
    let total = bytes.len();
    let range = request.header("range").strip_prefix("bytes=").and_then(|range| range.strip_suffix('-'));
    let asked = range.and_then(|start| start.parse::<usize>().ok());
    let ignore = state.lock().faults.ignore_range;
    let start = asked.filter(|_| !ignore);
    if start.is_some_and(|start| start >= total) {
        Answer::new(416).with("Content-Range", format!("bytes */{total}")).write(stream, "GET")?;
        return Ok(Connection::Open);
    }
    let body = &bytes[start.unwrap_or(0)..];
    let kind = ("Content-Type", "application/octet-stream".to_owned());
    match start {
        Some(start) => {
            let range = ("Content-Range", format!("bytes {start}-{}/{total}", total - 1));
            write_head(stream, 206, &[kind, range], body.len() as u64)?;
        }
        None => write_head(stream, 200, &[kind], body.len() as u64)?,
    }
    send_body(state, body, stream)
}

fn send_body(state: &State, body: &[u8], stream: &mut TcpStream) -> io::Result<Connection> {
    let (stall, cut) = {
        let faults = &mut state.lock().faults;
        let cut = faults.cut_download_once.take().or(faults.cut_download_every);
        (faults.stall_download_once.take(), cut)
    };
    let limit = stall.or(cut).and_then(|limit| usize::try_from(limit).ok()).unwrap_or(body.len());
    for piece in body[..limit.min(body.len())].chunks(64 << 10) {
        // Counted first: a client that has its last byte may look at the counts at once.
        state.lock().counts.sent_bytes += piece.len() as u64;
        stream.write_all(piece)?;
    }
    if stall.is_some() {
        state.stall();
    }
    Ok(if limit < body.len() { Connection::Done } else { Connection::Open })
}
