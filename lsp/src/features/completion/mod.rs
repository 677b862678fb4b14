//! Completion: what may be written at a cursor.
//!
//! [`complete`] is pure: it gives candidates out of the text, and says as [`Want`]s what the ports could add. Texts of
//! documentation are looked up when an item is resolved.

mod bases;
mod candidate;
mod comments;
mod flags;
mod keywords;
mod outside;
mod paths;
mod resolve;
mod values;
mod variables;

use containr_dockerfile::Parsed;

pub(crate) use candidate::{Candidate, Style};
pub(crate) use outside::fetch;
pub(crate) use resolve::{resolve, rule as rule_page};

use crate::cursor::{Argument, Cursor, Word};
use crate::documents::Document;
use crate::model::Model;

/// The characters after which a client asks without being told to.
pub(crate) const TRIGGERS: [&str; 11] = ["$", "{", "-", "=", ",", "/", ":", "@", "#", " ", "\""];

/// Is what may be written at a cursor.
#[derive(Debug, Default)]
pub(crate) struct Completions {
    /// What the text itself offers.
    pub(crate) candidates: Vec<Candidate>,
    /// What the ports may know.
    pub(crate) wants: Vec<Want>,
}

/// Is a question for a port; the answers go to `word`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// The entries of a directory of the context.
    Paths { directory: String, word: Word },
    /// The names of images.
    Images { word: Word },
    /// The tags of a repository.
    Tags { repository: String, word: Word },
    /// The digest of a reference.
    Digest { reference: String, word: Word },
}

/// Is what the parts of completion look at.
pub(crate) struct Site<'a> {
    pub(crate) document: &'a Document,
    pub(crate) parsed: &'a Parsed,
    pub(crate) offset: u32,
}

/// Returns what may be written at an offset of a document.
pub(crate) fn complete(document: &Document, offset: u32) -> Completions {
    let parsed = document.parsed();
    let offset = crate::cursor::floor(parsed.text(), offset) as u32;
    let site = Site { document, parsed, offset };
    let mut found = Completions::default();
    match Cursor::at(parsed, offset) {
        Cursor::Keyword(word) => keywords::instructions(&site, &word, &mut found),
        Cursor::Trigger(word) => keywords::triggers(&site, &word, &mut found),
        Cursor::Comment(comment) => comments::complete(&site, &comment, &mut found),
        Cursor::Argument(argument) => arguments(&site, &argument, &mut found),
        Cursor::Body => variables::complete_body(&site, &mut found),
    }
    found.candidates.retain(Candidate::fits);
    found
}

fn arguments(site: &Site<'_>, argument: &Argument, found: &mut Completions) {
    // A word over several lines has no place that could be replaced.
    if !argument.current.whole || variables::complete(site, argument, found) {
        return;
    }
    if argument.takes_flags() && flags::complete(site, argument, found) {
        return;
    }
    match argument.keyword.as_str() {
        "FROM" => bases::from(site, argument, found),
        "COPY" | "ADD" => paths::sources(argument, found),
        _ => values::complete(site, argument, found),
    }
}

impl<'a> Site<'a> {
    /// Returns the index of the file, which only some places need.
    fn model(&self) -> &'a Model {
        self.document.model()
    }

    /// Returns what stands behind the cursor and belongs to the same word.
    fn tail(&self, belongs: impl Fn(char) -> bool) -> u32 {
        let rest = self.parsed.text().get(self.offset as usize..).unwrap_or_default();
        let length = rest.find(|char| !belongs(char)).unwrap_or(rest.len());
        self.offset + length as u32
    }

    /// Tells whether the file writes its instructions in small letters.
    fn is_lower(&self, typed: &str) -> bool {
        if typed.chars().any(char::is_alphabetic) {
            return typed.chars().all(|char| !char.is_uppercase());
        }
        let first = self.parsed.syntax().instructions().find(|one| one.span.end < self.offset);
        first.is_some_and(|one| one.keyword.value.chars().all(char::is_lowercase))
    }
}

#[cfg(test)]
mod tests;
