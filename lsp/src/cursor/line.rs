//! Lines: the physical one that holds an offset, and the logical one that ends at it.

use containr_dockerfile::syntax::Escape;

use super::words::Word;

/// Is a physical line, its line break excluded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Line {
    /// Returns the line that an offset stands in.
    pub(crate) fn at(text: &str, offset: usize) -> Self {
        let start = text[..offset].rfind('\n').map_or(0, |index| index + 1);
        let start = if start == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8().min(offset) } else { start };
        let end = text[offset..].find('\n').map_or(text.len(), |index| offset + index);
        Self { start, end: start + text[start..end].trim_end_matches('\r').len() }
    }
}

/// Is the text of an instruction up to an offset, with continuations, comments and empty lines taken out.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) text: String,
    /// Where each physical line begins here and in the file.
    pieces: Vec<(usize, usize)>,
}

impl Joined {
    /// Reads what stands between two offsets of a file.
    pub(crate) fn read(file: &str, start: usize, offset: usize, escape: Escape) -> Self {
        let mut joined = Self { text: String::new(), pieces: Vec::new() };
        let mut at = start;
        for line in file[start..offset.max(start)].split_inclusive('\n') {
            let content = line.trim_end_matches(['\r', '\n']);
            let skipped = at > start && (content.trim_start().is_empty() || content.trim_start().starts_with('#'));
            // The line of the cursor is cut there, so that only its front is known.
            let is_last = at + line.len() >= offset && !line.ends_with('\n');
            if !skipped || is_last {
                joined.pieces.push((joined.text.len(), at));
                let kept = if is_last { content } else { continuation(content, escape).unwrap_or(content) };
                joined.text.push_str(kept);
            }
            at += line.len();
        }
        let read = &file[start..offset.max(start)];
        if at >= offset && (read.is_empty() || read.ends_with('\n')) {
            joined.pieces.push((joined.text.len(), offset));
        }
        joined
    }

    /// Returns a part of the text as a word with its place in the file.
    pub(crate) fn word(&self, start: usize, end: usize) -> Word {
        let text = self.text.get(start..end).unwrap_or_default().to_owned();
        let (from, to) = (self.source(start), self.source_end(start, end));
        Word { span: super::span(from.min(to), to), whole: from + text.len() == to, text, logical_end: end }
    }

    fn source(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.0 <= at).saturating_sub(1);
        self.pieces.get(index).map_or(0, |piece| piece.1 + at - piece.0)
    }

    fn source_end(&self, start: usize, end: usize) -> usize {
        if start == end { self.source(end) } else { self.source(end - 1) + 1 }
    }
}

/// Removes the continuation at the end of a line, if it has one.
pub(crate) fn continuation(line: &str, escape: Escape) -> Option<&str> {
    let kept = line.trim_end_matches([' ', '\t', '\r', '\n']).strip_suffix(escape.char())?;
    (!kept.ends_with(escape.char())).then_some(kept)
}
