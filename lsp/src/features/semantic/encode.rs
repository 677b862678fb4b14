//! Writes tokens as the protocol has them: each relative to the one before, none over the end of a line.

use containr_dockerfile::Span;
use tower_lsp_server::ls_types::SemanticToken;

use super::{Nuance, Paint};
use crate::documents::Document;

pub(super) struct Encoder<'a> {
    document: &'a Document,
    /// The line that was looked at last; tokens come in order, so the search begins there.
    line: u32,
    last: (u32, u32),
    end: u32,
    tokens: Vec<SemanticToken>,
}

impl<'a> Encoder<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, line: 0, last: (0, 0), end: 0, tokens: Vec::new() }
    }

    /// Adds a stretch that begins at or after the end of the one before; what overlaps is cut off.
    pub(super) fn add(&mut self, span: Span, paint: Paint, nuance: Nuance) {
        let lines = self.document.lines();
        let text = self.document.text();
        let mut start = span.start.max(self.end);
        while start < span.end {
            self.line = lines.line_from(self.line, start);
            let content = lines.content(text, self.line);
            let end = span.end.min(content.end);
            if start < end {
                self.one(start, end, content.start, (paint, nuance));
            }
            start = lines.start(self.line + 1).unwrap_or(span.end);
        }
        self.end = self.end.max(span.end);
    }

    fn one(&mut self, start: u32, end: u32, line_start: u32, (paint, nuance): (Paint, Nuance)) {
        let (text, encoding) = (self.document.text(), self.document.lines().encoding());
        let units = |from: u32, to: u32| encoding.length(&text[from as usize..to as usize]);
        let column = units(line_start, start);
        let same_line = self.line == self.last.0 && !self.tokens.is_empty();
        self.tokens.push(SemanticToken {
            delta_line: if self.tokens.is_empty() { self.line } else { self.line - self.last.0 },
            delta_start: if same_line { column - self.last.1 } else { column },
            length: units(start, end),
            token_type: paint as u32,
            token_modifiers_bitset: nuance as u32,
        });
        self.last = (self.line, column);
    }

    pub(super) fn finish(self) -> Vec<SemanticToken> {
        self.tokens
    }
}
