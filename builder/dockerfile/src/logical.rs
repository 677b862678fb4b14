//! Logical lines: physical lines joined over continuations, with the way back to the source.

use crate::source::{Line, Lines, offset};
use crate::span::Span;
use crate::syntax::Escape;

/// Is an instruction's text with continuations, comments and empty lines inside it taken out.
pub(crate) struct Logical {
    pub(crate) text: String,
    pub(crate) pieces: Vec<Piece>,
    /// From the first byte to the end of the last physical line, the line break excluded.
    pub(crate) span: Span,
    /// The first empty line inside.
    pub(crate) empty_line: Option<Span>,
}

/// Is a run of bytes that is contiguous in both texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// Offset in the logical text.
    pub(crate) at: usize,
    /// Offset in the source.
    pub(crate) source: usize,
    pub(crate) len: usize,
}

impl Logical {
    /// Reads an instruction that begins at `start` in `line`, and takes its further lines from `lines`.
    pub(crate) fn read(source: &str, start: usize, line: Line, lines: &mut Lines<'_>, escape: Escape) -> Self {
        let mut logical = Self { text: String::new(), pieces: Vec::new(), span: Span::default(), empty_line: None };
        let mut last = line;
        let mut continued = logical.push(source, start, line.end, escape);
        while continued {
            let Some(line) = lines.next() else { break };
            last = line;
            let content = source[line.start..line.end].trim_start();
            if content.starts_with('#') {
                continue;
            }
            if content.is_empty() {
                logical.empty_line.get_or_insert(Span::new(offset(line.start), offset(line.end)));
                continue;
            }
            continued = logical.push(source, line.start, line.end, escape);
        }
        logical.span = Span::new(offset(start), offset(last.end));
        logical
    }

    /// Appends a line's content without its continuation character; tells whether it had one.
    fn push(&mut self, source: &str, start: usize, end: usize, escape: Escape) -> bool {
        let content = &source[start..end];
        let kept = without_continuation(content, escape);
        let piece = kept.unwrap_or(content);
        self.pieces.push(Piece { at: self.text.len(), source: start, len: piece.len() });
        self.text.push_str(piece);
        kept.is_some()
    }

    /// Returns the source span of a range of the logical text.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let from = self.source(start);
        if start == end {
            return Span::new(from, from);
        }
        Span::new(from, self.source(end - 1) + 1)
    }

    /// Tells whether a source offset is part of the logical text.
    pub(crate) fn holds(&self, at: u32) -> bool {
        let index = self.pieces.partition_point(|piece| piece.source <= at as usize);
        index > 0 && (at as usize) < self.pieces[index - 1].source + self.pieces[index - 1].len
    }

    fn source(&self, at: usize) -> u32 {
        // An empty piece shares its offset with the next one, which holds the byte.
        let index = self.pieces.partition_point(|piece| piece.at <= at).saturating_sub(1);
        let piece = self.pieces[index];
        offset(piece.source + (at - piece.at))
    }
}

/// Removes the continuation at the end of a line: the escape character and blanks, unless another one stands before it.
pub(crate) fn without_continuation(line: &str, escape: Escape) -> Option<&str> {
    let kept = line.trim_end_matches([' ', '\t']).strip_suffix(escape.char())?;
    (!kept.ends_with(escape.char())).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Logical {
        let mut lines = Lines::new(source, 0);
        let line = lines.next().expect("the text has a line");
        Logical::read(source, 0, line, &mut lines, Escape::Backslash)
    }

    #[test]
    fn joins_lines_and_drops_comments() {
        let logical = read("RUN a \\ \t\n  # note\n\n  b\\\nc\nRUN d\n");
        assert_eq!(logical.text, "RUN a   bc");
        assert_eq!(logical.span, Span::new(0, 26));
        assert!(logical.empty_line.is_some());
        assert_eq!(logical.span(8, 10), Span::new(22, 26));
    }

    #[test]
    fn keeps_an_escaped_escape() {
        assert_eq!(read("RUN a \\\\\nb\n").text, "RUN a \\\\");
        assert_eq!(read("RUN a \\\\\\\nb\n").text, "RUN a \\\\\\");
    }
}
