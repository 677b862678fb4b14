//! Offsets of bytes and positions of the protocol: lines and columns in one of three encodings.

use containr_dockerfile::Span;
use tower_lsp_server::ls_types::{Position, PositionEncodingKind, Range};

/// Says what the columns of positions count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Code units of UTF-16, which every client understands.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// Chooses the cheapest encoding among those that a client offers.
    pub fn negotiate(offered: &[PositionEncodingKind]) -> Self {
        let has = |kind: &PositionEncodingKind| offered.contains(kind);
        if has(&PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if has(&PositionEncodingKind::UTF32) && !has(&PositionEncodingKind::UTF16) {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    /// Returns the protocol's name of the encoding.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    /// Returns the length of a text in the units of the encoding.
    pub fn length(self, text: &str) -> u32 {
        let length = match self {
            Self::Utf8 => text.len(),
            Self::Utf16 if text.is_ascii() => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Utf32 => text.chars().count(),
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    fn width(self, char: char) -> usize {
        match self {
            Self::Utf8 => char.len_utf8(),
            Self::Utf16 => char.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// Are the places where the lines of a text begin; `\n`, `\r\n` and a lone `\r` end a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<u32>,
    encoding: Encoding,
}

impl Lines {
    /// Finds the lines of a text, which is shorter than 4 GiB.
    pub fn new(text: &str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(index, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        });
        Self { starts: std::iter::once(0).chain(ends.map(|(index, _)| index as u32 + 1)).collect(), encoding }
    }

    /// Returns the encoding of the columns.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the number of lines, the last of which may be empty.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Returns the line of an offset, counted from 0.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32 - 1
    }

    /// Returns the line of an offset that is not before the start of the line `from`; quick where they are near.
    pub fn line_from(&self, from: u32, offset: u32) -> u32 {
        const NEAR: usize = 16;
        let rest = &self.starts[(from as usize + 1).min(self.starts.len())..];
        match rest.iter().take(NEAR).position(|start| *start > offset) {
            Some(lines) => from + lines as u32,
            None => self.line(offset),
        }
    }

    /// Returns where a line begins.
    pub fn start(&self, line: u32) -> Option<u32> {
        self.starts.get(line as usize).copied()
    }

    /// Returns a line without its line break; one beyond the text is empty at its end.
    pub fn content(&self, text: &str, line: u32) -> Span {
        let end = text.len() as u32;
        let Some(&start) = self.starts.get(line as usize) else { return Span::new(end, end) };
        let next = self.starts.get(line as usize + 1).copied().unwrap_or(end);
        let content = text[start as usize..next as usize].trim_end_matches(['\r', '\n']);
        // A line has one break, and only its own: `trim` could take no more, since each break begins a line.
        Span::new(start, start + content.len() as u32)
    }

    /// Returns the position of an offset; one inside a character, or a line break of two, is that of its start.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = (offset as usize).min(text.len());
        let (before, after) = text.as_bytes().split_at(offset);
        let offset = offset - usize::from(before.ends_with(b"\r") && after.starts_with(b"\n"));
        let line = self.line(offset as u32);
        let before = &text.as_bytes()[self.starts[line as usize] as usize..offset];
        let column = match self.encoding {
            Encoding::Utf8 => before.len(),
            _ if before.is_ascii() => before.len(),
            _ => {
                let start = self.starts[line as usize] as usize;
                let end = text.floor_char_boundary(offset);
                return Position::new(line, self.encoding.length(&text[start..end]));
            }
        };
        Position::new(line, column as u32)
    }

    /// Returns the offset of a position; one beyond the end of its line is the end of the line.
    ///
    /// A position inside of a character is that of the character's start.
    pub fn offset(&self, text: &str, position: Position) -> u32 {
        let line = self.content(text, position.line);
        let content = &text[line.range()];
        let wanted = position.character as usize;
        if content.is_ascii() {
            return line.start + wanted.min(content.len()) as u32;
        }
        let mut column = 0;
        for (index, char) in content.char_indices() {
            column += self.encoding.width(char);
            if column > wanted {
                return line.start + index as u32;
            }
        }
        line.end
    }

    /// Returns the range of a span.
    pub fn range(&self, text: &str, span: Span) -> Range {
        Range::new(self.position(text, span.start), self.position(text, span.end))
    }

    /// Returns the span of a range; one that runs backwards is taken the right way round.
    pub fn span(&self, text: &str, range: Range) -> Span {
        let (from, to) = (self.offset(text, range.start), self.offset(text, range.end));
        Span::new(from.min(to), from.max(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a\u{e4}\u{1f433}b\r\nc\rd\n";

    fn lines(encoding: Encoding) -> Lines {
        Lines::new(TEXT, encoding)
    }

    #[test]
    fn columns_count_the_units_of_each_encoding() {
        let whale_end = 7;
        for (encoding, column) in [(Encoding::Utf8, 7), (Encoding::Utf16, 4), (Encoding::Utf32, 3)] {
            let lines = lines(encoding);
            assert_eq!(lines.position(TEXT, whale_end), Position::new(0, column));
            assert_eq!(lines.offset(TEXT, Position::new(0, column)), whale_end);
        }
    }

    #[test]
    fn a_position_inside_a_character_is_its_start() {
        let lines = lines(Encoding::Utf16);
        assert_eq!(lines.offset(TEXT, Position::new(0, 3)), 3);
        assert_eq!(lines.position(TEXT, 5), Position::new(0, 2));
    }

    #[test]
    fn three_line_breaks_end_lines() {
        let lines = lines(Encoding::Utf16);
        assert_eq!(lines.count(), 4);
        assert_eq!(lines.position(TEXT, TEXT.len() as u32), Position::new(3, 0));
        assert_eq!(lines.offset(TEXT, Position::new(1, 0)), 10);
        assert_eq!(lines.offset(TEXT, Position::new(2, 0)), 12);
    }

    #[test]
    fn a_position_inside_a_line_break_is_the_end_of_the_line() {
        let lines = lines(Encoding::Utf8);
        assert_eq!(lines.position(TEXT, 8), Position::new(0, 8));
        assert_eq!(lines.position(TEXT, 9), Position::new(0, 8));
        assert_eq!(lines.position(TEXT, 10), Position::new(1, 0));
    }

    #[test]
    fn positions_beyond_the_text_are_clamped() {
        let lines = lines(Encoding::Utf16);
        assert_eq!(lines.offset(TEXT, Position::new(0, 99)), 8);
        assert_eq!(lines.offset(TEXT, Position::new(99, 99)), TEXT.len() as u32);
        assert_eq!(lines.position(TEXT, 999), Position::new(3, 0));
    }

    #[test]
    fn the_cheapest_encoding_that_is_offered() {
        let utf16 = PositionEncodingKind::UTF16;
        assert_eq!(Encoding::negotiate(&[]), Encoding::Utf16);
        assert_eq!(Encoding::negotiate(&[utf16.clone(), PositionEncodingKind::UTF8]), Encoding::Utf8);
        assert_eq!(Encoding::negotiate(&[PositionEncodingKind::UTF32, utf16]), Encoding::Utf16);
        assert_eq!(Encoding::negotiate(&[PositionEncodingKind::UTF32]), Encoding::Utf32);
    }
}
