//! The way back from offsets of a shell text to the Dockerfile.
//!
//! Continuations, the comments between continued lines and the tabs that `<<-` strips are not part of the shell text:
//! they are holes between runs of bytes that both texts share.

use containr_dockerfile::{Parsed, Span};

/// Knows for each byte of a shell text where it stands in the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct SourceMap {
    /// In the order of the shell text; none is empty.
    runs: Vec<Run>,
}

/// Is a run of bytes that is contiguous in both texts.
#[derive(Clone, Copy, Debug)]
struct Run {
    at: usize,
    source: u32,
    length: usize,
}

impl SourceMap {
    /// Maps a text that stands in the file as it is.
    pub(crate) fn verbatim(span: Span) -> Self {
        let mut map = Self::default();
        map.push(0, span.start, span.len() as usize);
        map
    }

    /// Maps a text that was joined out of the continued lines at `span`; nothing where the lines do not give the text.
    pub(crate) fn joined(value: &str, span: Span, parsed: &Parsed) -> Option<Self> {
        let escape = parsed.escape().char();
        let source = parsed.text().get(span.range())?;
        let mut map = Self::default();
        let (mut at, mut offset) = (0, span.start);
        for (index, line) in source.split_inclusive('\n').enumerate() {
            let content = line.trim_end_matches(['\r', '\n']);
            let skipped = index > 0 && (content.trim_start().is_empty() || content.trim_start().starts_with('#'));
            if !skipped {
                let kept = content.trim_end_matches([' ', '\t']).strip_suffix(escape);
                let piece = kept.filter(|text| !text.ends_with(escape)).unwrap_or(content);
                let length = piece.len().min(value.len().checked_sub(at)?);
                if value.get(at..at + length)? != piece.get(..length)? {
                    return None;
                }
                map.push(at, offset, length);
                at += length;
            }
            offset += line.len() as u32;
        }
        (at == value.len()).then_some(map)
    }

    /// Maps the lines of a heredoc at `span` whose leading tabs are stripped.
    pub(crate) fn without_tabs(body: &str, span: Span) -> Self {
        let mut map = Self::default();
        let (mut at, mut offset) = (0, span.start);
        for line in body.split_inclusive('\n') {
            let kept = line.trim_start_matches('\t');
            map.push(at, offset + (line.len() - kept.len()) as u32, kept.len());
            at += kept.len();
            offset += line.len() as u32;
        }
        map
    }

    /// Adds a run behind the others: its offset in the shell text, its offset in the file and its length.
    pub(crate) fn push(&mut self, at: usize, source: u32, length: usize) {
        if length > 0 {
            self.runs.push(Run { at, source, length });
        }
    }

    /// Returns where a byte stands.
    pub(crate) fn source(&self, at: usize) -> Option<u32> {
        let run = self.run(at)?;
        Some(run.source + (at - run.at) as u32)
    }

    /// Returns the place from the first to the last byte of a range; holes inside of it are part of the place.
    pub(crate) fn span(&self, start: usize, end: usize) -> Option<Span> {
        let (from, last) = (self.source(start)?, self.source(end.checked_sub(1)?)?);
        (from <= last).then(|| Span::new(from, last + 1))
    }

    /// Returns the place of a range that has no hole inside.
    pub(crate) fn seamless(&self, start: usize, end: usize) -> Option<Span> {
        let run = self.run(start)?;
        (start < end && end <= run.at + run.length).then(|| self.span(start, end))?
    }

    /// Returns the place directly before a byte.
    pub(crate) fn before(&self, at: usize) -> Option<u32> {
        self.source(at)
    }

    /// Returns the place directly after the byte that stands before `at`.
    pub(crate) fn after(&self, at: usize) -> Option<u32> {
        Some(self.source(at.checked_sub(1)?)? + 1)
    }

    fn run(&self, at: usize) -> Option<Run> {
        let index = self.runs.partition_point(|run| run.at <= at).checked_sub(1)?;
        let run = self.runs[index];
        (at < run.at + run.length).then_some(run)
    }
}
