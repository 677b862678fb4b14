//! The source text: bytes that may not be UTF-8, lines, and positions.

use crate::span::Span;

/// Stands for a byte that is no UTF-8; the replaced bytes are kept aside.
const SUBSTITUTE: char = '\x1a';

/// Is a source text whose every byte has the same offset as in the file.
///
/// The tree is made of `str`, so each byte that is not part of valid UTF-8 stands as one control character (U+001A)
/// in the text and as itself in a list beside it. Offsets hence need no translation.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) replaced: Vec<(u32, u8)>,
}

impl Source {
    /// Reads a text; its length must fit an offset.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self { text: text.to_owned(), replaced: Vec::new() };
        }
        let mut text = String::with_capacity(bytes.len());
        let mut replaced = Vec::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                replaced.push((offset(text.len()), *byte));
                text.push(SUBSTITUTE);
            }
        }
        Self { text, replaced }
    }

    /// Returns the original bytes of a part of the text.
    pub(crate) fn bytes(&self, span: Span) -> Vec<u8> {
        let mut bytes = self.text.as_bytes()[span.range()].to_vec();
        for &(at, byte) in self.replaced_in(span) {
            bytes[(at - span.start) as usize] = byte;
        }
        bytes
    }

    /// Returns the replaced bytes of a part of the text with their offsets.
    pub(crate) fn replaced_in(&self, span: Span) -> &[(u32, u8)] {
        let from = self.replaced.partition_point(|(at, _)| *at < span.start);
        let to = self.replaced.partition_point(|(at, _)| *at < span.end);
        &self.replaced[from..to]
    }
}

/// Turns an index of a text that was checked to fit into an offset.
pub(crate) fn offset(index: usize) -> u32 {
    u32::try_from(index).expect("the text was checked to be addressable by 32 bits")
}

/// Is one physical line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) start: usize,
    /// Where the content ends: before all carriage returns and the line feed.
    pub(crate) end: usize,
    /// Where the next line starts.
    pub(crate) next: usize,
}

/// Reads physical lines one after another.
#[derive(Clone)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let length = rest.find('\n').map_or(rest.len(), |index| index + 1);
        let content = rest[..length].trim_end_matches(['\r', '\n']).len();
        let line = Line { start: self.at, end: self.at + content, next: self.at + length };
        self.at = line.next;
        Some(line)
    }
}

/// Turns offsets into lines and columns.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub(crate) fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { starts: std::iter::once(0).chain(breaks.map(|(index, _)| offset(index + 1))).collect() }
    }

    /// Returns the line of an offset, counted from 1.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// Returns the column of an offset in bytes, counted from 1.
    pub fn column(&self, offset: u32) -> u32 {
        offset - self.starts[self.line(offset) as usize - 1] + 1
    }

    /// Returns the first and the last line of a span, counted from 1.
    pub fn lines(&self, span: Span) -> std::ops::RangeInclusive<u32> {
        self.line(span.start)..=self.line(span.end)
    }
}
