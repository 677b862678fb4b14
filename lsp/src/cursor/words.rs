//! Words of an instruction's text up to a cursor.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Escape;

use super::line::Joined;

/// Is a word with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// The word as written, continuations joined.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) span: Span,
    /// Whether the file has exactly this text there, without a continuation inside.
    pub(crate) whole: bool,
    /// Where it ends in the joined text.
    pub(super) logical_end: usize,
}

impl Word {
    /// Returns the word without its first bytes.
    ///
    /// `from` stands at a character's start.
    pub(crate) fn tail(&self, from: usize) -> Self {
        let from = from.min(self.text.len());
        let start = if self.whole { self.span.start + from as u32 } else { self.span.end };
        Self { text: self.text[from..].to_owned(), span: Span::new(start, self.span.end), ..self.clone() }
    }

    /// Returns what follows the last of some characters.
    pub(crate) fn after_last(&self, separators: &[char]) -> Self {
        let at = self.text.char_indices().rev().find(|(_, char)| separators.contains(char));
        self.tail(at.map_or(0, |(index, char)| index + char.len_utf8()))
    }
}

/// Says which quotes are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// None.
    None,
    /// Single ones: nothing is expanded.
    Single,
    /// Double ones.
    Double,
}

/// Says how an instruction's text is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// At every blank.
    Blanks,
    /// At blanks outside of quotes.
    Quoted,
}

impl Style {
    /// Returns how the words of an instruction are split.
    pub(crate) fn of(keyword: &str) -> Self {
        if matches!(keyword, "ENV" | "LABEL" | "ARG") { Self::Quoted } else { Self::Blanks }
    }
}

/// Splits what follows the name of an instruction; the last word, maybe an empty one, is that of the cursor.
pub(super) fn split(joined: &Joined, from: usize, escape: Escape, style: Style) -> (Vec<Word>, Quote) {
    let mut words = Vec::new();
    let (mut start, mut quote, mut escaped) = (None, Quote::None, false);
    for (index, char) in joined.text[from..].char_indices() {
        let at = from + index;
        let blank = char.is_whitespace() && (style == Style::Blanks || quote == Quote::None);
        if blank {
            words.extend(start.take().map(|start| joined.word(start, at)));
        } else {
            start.get_or_insert(at);
        }
        match (quote, char) {
            _ if escaped => escaped = false,
            (Quote::None | Quote::Double, _) if char == escape.char() => escaped = true,
            (Quote::None, '\'') => quote = Quote::Single,
            (Quote::None, '"') => quote = Quote::Double,
            (Quote::Single, '\'') | (Quote::Double, '"') => quote = Quote::None,
            _ => {}
        }
    }
    words.push(joined.word(start.unwrap_or(joined.text.len()), joined.text.len()));
    (words, quote)
}

/// Returns the word at the end of a line's front.
pub(super) fn last(front: &str, at: usize) -> Word {
    let start = front.char_indices().rev().find(|(_, char)| char.is_whitespace());
    let start = start.map_or(0, |(index, char)| index + char.len_utf8());
    Word {
        text: front[start..].to_owned(),
        span: super::span(at + start, at + front.len()),
        whole: true,
        logical_end: front.len(),
    }
}

/// Returns a part of a file as a word.
pub(super) fn plain(text: &str, start: usize, end: usize) -> Word {
    let end = end.max(start);
    Word {
        text: text.get(start..end).unwrap_or_default().to_owned(),
        span: super::span(start, end),
        whole: true,
        logical_end: end,
    }
}
