//! A reader over one blob that resumes.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};

use bytes::Bytes;
use containr_http::header::RANGE;
use containr_http::{Method, Response, StatusCode};
use containr_oci::{Descriptor, Digest, Hasher};

use crate::context::{Context, Meter};
use crate::error::RegistryError;
use crate::hosts::Endpoint;
use crate::registries::{Registries, warn_of_mirror};
use crate::session::{Access, Call, Session};

const PULL: &str = "pull the blob";

/// Reads one blob; see [`Registries::blob`].
pub struct BlobReader<'a> {
    session: Session<'a>,
    /// Servers that have not been asked yet.
    others: VecDeque<Endpoint>,
    digest: Digest,
    size: u64,
    /// Bytes given to the caller or waiting in `piece`: everything that was hashed.
    offset: u64,
    hasher: Hasher,
    /// What the whole blob hashed to, once it was read.
    actual: Option<Digest>,
    piece: Bytes,
    answer: Option<Body>,
    /// Tries since the last byte that was new.
    tries: u32,
    meter: Meter<'a>,
}

/// An open answer, and how many of its bytes are known already.
struct Body {
    response: Response,
    skip: u64,
}

impl fmt::Debug for BlobReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobReader({} at {} of {})", self.digest, self.offset, self.size)
    }
}

impl<'a> BlobReader<'a> {
    pub(super) fn open(
        registries: &'a Registries,
        endpoints: Vec<Endpoint>,
        blob: &Descriptor,
        context: &Context<'a>,
    ) -> Result<Self, RegistryError> {
        let mut others = VecDeque::from(endpoints);
        let first = others.pop_front().expect("the registry itself is always among the servers");
        let mut reader = Self {
            session: Session::new(registries, &first, Access::Read, context, blob.digest.to_string()),
            others,
            digest: blob.digest,
            size: blob.size,
            offset: 0,
            hasher: Hasher::new(blob.digest.algorithm()),
            actual: None,
            piece: Bytes::new(),
            answer: None,
            tries: 1,
            meter: Meter::new(*context, blob),
        };
        reader.ensure_open()?;
        Ok(reader)
    }

    /// Returns host and port of the server that is being read from.
    pub fn server(&self) -> String {
        self.session.endpoint.authority()
    }

    /// Asks for the rest of the blob, from the next server where this one cannot give it.
    fn ensure_open(&mut self) -> Result<(), RegistryError> {
        while self.answer.is_none() {
            match self.request() {
                Ok(body) => self.answer = Some(body),
                Err(error) => self.next_server(error)?,
            }
        }
        Ok(())
    }

    fn next_server(&mut self, error: RegistryError) -> Result<(), RegistryError> {
        if error.is_final() {
            return Err(error);
        }
        let Some(next) = self.others.pop_front() else { return Err(error) };
        let Session { registries, context, endpoint, subject, .. } = &self.session;
        warn_of_mirror(context, endpoint, &error);
        self.session = Session::new(registries, &next, Access::Read, context, subject.clone());
        self.tries = 1;
        Ok(())
    }

    fn request(&self) -> Result<Body, RegistryError> {
        let url = self.session.endpoint.url(&format!("blobs/{}", self.digest));
        let mut call = Call::new(PULL, Method::GET, url);
        if self.offset > 0 {
            let range = format!("bytes={}-", self.offset);
            call.headers.insert(RANGE, range.parse().expect("a number makes a valid header"));
        }
        let mut response = self.session.send(&call)?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE && self.offset > 0 {
            call.headers.remove(RANGE);
            response = self.session.send(&call)?;
        }
        match response.status() {
            StatusCode::PARTIAL_CONTENT => self.partial(response),
            status if status.is_success() => self.whole(response),
            _ => Err(self.session.refusal(PULL, response)),
        }
    }

    /// Accepts an answer from the blob's start; what was read already is passed over.
    fn whole(&self, response: Response) -> Result<Body, RegistryError> {
        let length = response.header("content-length").and_then(|text| text.parse().ok());
        match length {
            Some(length) if length != self.size => Err(self.wrong_size(length)),
            _ => Ok(Body { response, skip: self.offset }),
        }
    }

    fn partial(&self, response: Response) -> Result<Body, RegistryError> {
        let start = response.header("content-range").and_then(range_start);
        match start {
            Some(start) if start <= self.offset => Ok(Body { response, skip: self.offset - start }),
            _ => Err(self.session.protocol("a partial answer does not begin where it was asked to")),
        }
    }

    /// Brings the next piece; an empty one is the end of a blob that is as it should be.
    fn advance(&mut self) -> Result<(), RegistryError> {
        while self.actual.is_none() {
            self.ensure_open()?;
            let body = self.answer.as_mut().expect("it was just opened");
            match body.response.chunk(self.session.context.cancel) {
                Ok(Some(chunk)) => {
                    let fresh = body.fresh(chunk);
                    if !fresh.is_empty() {
                        return self.take(fresh);
                    }
                }
                Err(_) | Ok(None) if self.offset == self.size => self.finish(),
                Ok(None) => self.cut(self.session.protocol("the blob ends too early"))?,
                Err(source) => self.cut(self.session.failure(PULL, source))?,
            }
        }
        self.verdict()
    }

    fn take(&mut self, fresh: Bytes) -> Result<(), RegistryError> {
        let offset = self.offset + fresh.len() as u64;
        if offset > self.size {
            return Err(self.wrong_size(offset));
        }
        self.hasher.update(&fresh);
        self.offset = offset;
        self.piece = fresh;
        self.tries = 1;
        self.meter.at(offset);
        Ok(())
    }

    /// Lets go of a broken connection; fails when there were too many in a row that brought nothing.
    fn cut(&mut self, error: RegistryError) -> Result<(), RegistryError> {
        self.answer = None;
        if matches!(error, RegistryError::Cancelled) {
            return Err(error);
        }
        if self.tries >= self.session.registries.settings.tries {
            return self.next_server(error);
        }
        self.tries += 1;
        self.session.wait_before(self.tries)
    }

    fn finish(&mut self) {
        self.answer = None;
        let actual = self.hasher.clone().finish();
        self.actual = Some(actual);
        if actual == self.digest {
            self.meter.complete();
        }
    }

    /// Says what the whole blob turned out to be, as often as it is asked.
    fn verdict(&self) -> Result<(), RegistryError> {
        match self.actual {
            Some(actual) if actual != self.digest => {
                let (what, host) = ("blob", self.server());
                Err(RegistryError::Corrupt { what, host, expected: self.digest.into(), actual: actual.into() })
            }
            _ => Ok(()),
        }
    }

    fn wrong_size(&self, actual: u64) -> RegistryError {
        RegistryError::Size { digest: self.digest, host: self.server(), expected: self.size, actual }
    }
}

impl Body {
    /// Drops what the caller has already.
    fn fresh(&mut self, mut chunk: Bytes) -> Bytes {
        let known = usize::try_from(self.skip).map_or(chunk.len(), |skip| skip.min(chunk.len()));
        self.skip -= known as u64;
        chunk.split_off(known)
    }
}

impl Read for BlobReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.piece.is_empty() {
            self.advance().map_err(io::Error::other)?;
        }
        let size = buffer.len().min(self.piece.len());
        buffer[..size].copy_from_slice(&self.piece.split_to(size));
        Ok(size)
    }
}

/// Returns the first byte of `bytes FIRST-LAST/LENGTH`.
fn range_start(text: &str) -> Option<u64> {
    text.trim().strip_prefix("bytes")?.trim_start().split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        for (text, expected) in [("bytes 10-19/20", Some(10)), ("bytes 0-/*", Some(0)), ("items 1-2/3", None)] {
            assert_eq!(range_start(text), expected, "{text}");
        }
    }
}
