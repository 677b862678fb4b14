//! One upload: begun by POST, filled by PATCH from wherever the server stands, committed by PUT.
//!
//! After anything unexpected the server is asked how much it has (GET of the upload) and the rest is sent. An upload that
//! the server has lost is begun anew, but not without end.

use containr_http::header::{CONTENT_RANGE, CONTENT_TYPE};
use containr_http::{HeaderMap, HeaderValue, HttpError, Method, Patience, Response, StatusCode, Url, is_transient};
use containr_oci::Descriptor;

use super::{BlobSource, PUSH};
use crate::context::Meter;
use crate::error::RegistryError;
use crate::session::{Call, Pass, Session};

/// Times that an upload is begun anew because the server lost it.
const MOST_RESTARTS: u32 = 2;

pub(super) struct Upload<'a> {
    session: &'a Session<'a>,
    blob: &'a Descriptor,
    source: &'a dyn BlobSource,
    /// Where the next request goes; each answer may move it.
    location: Url,
    /// Bytes that the server has for certain.
    offset: u64,
    /// The most it ever had in this upload; going beyond it is progress.
    furthest: u64,
    /// Tries since the last progress.
    tries: u32,
    restarts: u32,
    /// Smallest PATCH that the server takes, the last one aside.
    least_chunk: u64,
    /// Credentials that answered a 401 inside a body.
    pass: Option<Pass>,
}

/// What to do after a PATCH.
enum Next {
    /// The server took it; go on at its offset.
    Taken,
    /// Ask the server where it stands.
    Ask(RegistryError),
    /// The upload is gone.
    Lost(RegistryError),
}

/// A new upload as the server describes it.
pub(super) struct Begun {
    /// Where the next request goes.
    pub(super) location: Url,
    /// Smallest PATCH that the server takes, the last one aside; 0 when it does not care.
    pub(super) least_chunk: u64,
}

/// Begins an upload.
pub(super) fn begin(session: &Session<'_>) -> Result<Begun, RegistryError> {
    let response = session.send(&Call::new(PUSH, Method::POST, session.endpoint.url("blobs/uploads/")))?;
    if response.status() != StatusCode::ACCEPTED {
        return Err(session.refusal(PUSH, response));
    }
    begun(session, &response).ok_or_else(|| session.protocol("an upload has no usable Location"))
}

/// Reads what a 202 to a POST says.
pub(super) fn begun(session: &Session<'_>, response: &Response) -> Option<Begun> {
    Some(Begun { location: location(session, response)?, least_chunk: least_chunk(response).unwrap_or(0) })
}

fn least_chunk(response: &Response) -> Option<u64> {
    response.header("oci-chunk-min-length")?.trim().parse().ok()
}

/// Returns the answer's `Location`: absolute, `/path` or relative to what was asked.
fn location(session: &Session<'_>, response: &Response) -> Option<Url> {
    let text = response.header("location")?;
    let asked = response.url();
    let mut url = asked.join(text).ok().filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))?;
    // A registry behind a TLS proxy may think that it is spoken to over plain http.
    if asked.scheme() == "https" && url.scheme() == "http" && url.host_str() == session.endpoint.base.host_str() {
        url.set_scheme("https").ok()?;
    }
    Some(url)
}

impl<'a> Upload<'a> {
    pub(super) fn new(
        session: &'a Session<'a>,
        blob: &'a Descriptor,
        source: &'a dyn BlobSource,
        begun: Begun,
    ) -> Self {
        Self {
            session,
            blob,
            source,
            location: begun.location,
            least_chunk: begun.least_chunk,
            offset: 0,
            furthest: 0,
            tries: 1,
            restarts: 0,
            pass: None,
        }
    }

    /// Sends the blob and commits it.
    pub(super) fn run(mut self, meter: &mut Meter<'_>) -> Result<(), RegistryError> {
        loop {
            self.session.context.cancel.check()?;
            let next = if self.offset < self.blob.size { self.patch(meter)? } else { self.commit()? };
            match next {
                Some(Next::Taken) => self.progressed(),
                Some(Next::Ask(error)) => self.ask(error)?,
                Some(Next::Lost(error)) => self.restart(error)?,
                None => return Ok(()),
            }
        }
    }

    fn patch(&mut self, meter: &mut Meter<'_>) -> Result<Option<Next>, RegistryError> {
        let length = self.chunk_length();
        let end = self.offset + length;
        let mut call = Call::new(PUSH, Method::PATCH, self.location.clone());
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        // A stream from the start carries no range: some servers take that for a chunk of a protocol they do not speak.
        if self.offset > 0 || end < self.blob.size {
            let range = format!("{}-{}", self.offset, end - 1);
            call.headers.insert(CONTENT_RANGE, range.parse().expect("digits make a valid header"));
        }
        let digest = self.blob.digest;
        let failed = |source| RegistryError::Source { digest, source };
        let mut source = self.source.open_at(self.offset).map_err(failed)?;
        let pass = match self.pass.take() {
            Some(pass) => pass,
            None => self.session.pass(&self.location)?,
        };
        let mut sent = self.offset;
        let answered = self.session.stream(&call, &pass, (&mut source, length), &mut |size| {
            sent += size;
            meter.at(sent);
        });
        match answered {
            Ok(response) => self.patched(response, &pass, end).map(Some),
            Err(HttpError::Source(source)) => Err(failed(source)),
            Err(error) if error.is_transient() => Ok(Some(Next::Ask(self.session.failure(PUSH, error)))),
            Err(error) => Err(self.session.failure(PUSH, error)),
        }
    }

    fn patched(&mut self, response: Response, pass: &Pass, end: u64) -> Result<Next, RegistryError> {
        match response.status() {
            StatusCode::ACCEPTED | StatusCode::CREATED | StatusCode::NO_CONTENT => {
                self.follow(&response);
                self.offset = kept(response.headers()).unwrap_or(end).min(self.blob.size);
                Ok(Next::Taken)
            }
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => {
                self.follow(&response);
                Ok(Next::Ask(self.session.protocol("an upload is redirected too often")))
            }
            StatusCode::UNAUTHORIZED => {
                self.pass = self.session.renew(&response, pass)?;
                Ok(Next::Ask(self.session.refusal(PUSH, response)))
            }
            StatusCode::NOT_FOUND => Ok(Next::Lost(self.session.refusal(PUSH, response))),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                self.follow(&response);
                Ok(Next::Ask(self.session.refusal(PUSH, response)))
            }
            status if is_transient(status) => Ok(Next::Ask(self.session.refusal(PUSH, response))),
            _ => Err(self.session.refusal(PUSH, response)),
        }
    }

    /// Closes the upload under its digest; `None` when the server has the blob.
    fn commit(&mut self) -> Result<Option<Next>, RegistryError> {
        let mut url = self.location.clone();
        url.query_pairs_mut().append_pair("digest", &self.blob.digest.to_string());
        let mut call = Call::new(PUSH, Method::PUT, url);
        call.patience = Patience::Commit;
        let response = match self.session.send(&call) {
            Err(error) if error.is_transient() => return Ok(Some(Next::Ask(error))),
            answered => answered?,
        };
        match response.status() {
            status if status.is_success() => Ok(None),
            // The answer to an earlier PUT may have been lost on the way.
            StatusCode::NOT_FOUND if super::exists(self.session, self.blob)? => Ok(None),
            // A server whose bytes went wrong, or that has fewer than it said.
            StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST | StatusCode::RANGE_NOT_SATISFIABLE => {
                Ok(Some(Next::Lost(self.session.refusal(PUSH, response))))
            }
            _ => Err(self.session.refusal(PUSH, response)),
        }
    }

    /// Asks the server how much it has; `cause` is what went wrong before.
    fn ask(&mut self, cause: RegistryError) -> Result<(), RegistryError> {
        if matches!(cause, RegistryError::Cancelled) {
            return Err(cause);
        }
        if self.tries >= self.session.registries.settings.tries {
            return Err(cause);
        }
        self.tries += 1;
        self.session.wait_before(self.tries)?;
        let response = match self.session.send(&Call::new(PUSH, Method::GET, self.location.clone())) {
            // The next round asks again, as often as tries are left.
            Err(error) if error.is_transient() => return Ok(()),
            answered => answered?,
        };
        if !response.status().is_success() {
            let error = self.session.refusal(PUSH, response);
            return self.restart(error);
        }
        self.follow(&response);
        self.offset = kept(response.headers()).unwrap_or(0).min(self.blob.size);
        self.progressed();
        Ok(())
    }

    /// Begins anew, from the first byte.
    fn restart(&mut self, cause: RegistryError) -> Result<(), RegistryError> {
        if self.restarts >= MOST_RESTARTS {
            return Err(cause);
        }
        self.restarts += 1;
        self.location = begin(self.session)?.location;
        self.offset = 0;
        self.furthest = 0;
        Ok(())
    }

    /// Counts tries anew when the server has more than ever.
    fn progressed(&mut self) {
        if self.offset > self.furthest {
            self.furthest = self.offset;
            self.tries = 1;
        }
    }

    fn follow(&mut self, response: &Response) {
        if let Some(location) = location(self.session, response) {
            self.location = location;
        }
        self.least_chunk = least_chunk(response).unwrap_or(self.least_chunk);
    }

    fn chunk_length(&self) -> u64 {
        let left = self.blob.size - self.offset;
        match self.session.registries.settings.chunk_bytes {
            0 => left,
            wanted => left.min(wanted.max(self.least_chunk)),
        }
    }
}

/// Returns the bytes that a server says it has: `Range: 0-LAST`; `0-0` is what distribution says of an empty upload.
fn kept(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get("range")?.to_str().ok()?;
    let text = text.strip_prefix("bytes=").unwrap_or(text);
    let last: u64 = text.strip_prefix("0-")?.trim().parse().ok()?;
    Some(if last == 0 { 0 } else { last.saturating_add(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_servers_write_them() {
        for (text, expected) in
            [("0-99", Some(100)), ("bytes=0-9", Some(10)), ("0-0", Some(0)), ("5-9", None), ("0-x", None)]
        {
            let headers = HeaderMap::from_iter([(containr_http::header::RANGE, text.parse().unwrap())]);
            assert_eq!(kept(&headers), expected, "{text}");
        }
    }
}
