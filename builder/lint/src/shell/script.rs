//! The text that a RUN hands to its shell, with the way back from its offsets to the Dockerfile.

use containr_dockerfile::syntax::{Command as Form, Run};
use containr_dockerfile::{Parsed, Span, Spanned};

use super::{Command, Commands, Word, read};

/// Is a text for the shell with its commands.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The text as the shell sees it, heredocs that are not the script itself left out.
    pub(crate) text: String,
    /// What it runs.
    pub(crate) commands: Commands,
    /// Runs of bytes that are contiguous in both texts: offset here, offset in the file, length.
    pieces: Vec<(usize, u32, usize)>,
    whole: Span,
    is_exec: bool,
}

impl Script {
    /// Reads the commands of a RUN.
    pub(crate) fn of(run: &Run, parsed: &Parsed) -> Self {
        match (&run.command, run.heredocs.first()) {
            (Form::Exec(words), _) => Self::exec(words),
            (Form::Shell(text), Some(first)) if text.value.starts_with("<<") => Self::new(
                first.content.value.to_string(),
                vec![(0, first.content.span.start, first.content.value.len())],
                first.content.span,
            ),
            (Form::Shell(text), Some(_)) => {
                let end = text.value.find("<<").unwrap_or(text.value.len());
                Self::shell(text.value[..end].trim_end(), text.span, parsed)
            }
            (Form::Shell(text), None) => Self::shell(&text.value, text.span, parsed),
        }
    }

    /// Reads the commands of a text at `span`.
    pub(crate) fn shell(value: &str, span: Span, parsed: &Parsed) -> Self {
        let pieces = pieces(value, span, parsed).unwrap_or_default();
        Self::new(value.to_owned(), pieces, span)
    }

    /// Reads the words of an exec form as a command.
    pub(crate) fn exec(words: &[Spanned<String>]) -> Self {
        let mut text = String::new();
        let mut pieces = Vec::new();
        for word in words {
            if !text.is_empty() {
                text.push(' ');
            }
            // The span has the quotes; where escapes made it longer, it is no run of equal bytes.
            if word.span.len() as usize == word.value.len() + 2 {
                pieces.push((text.len(), word.span.start + 1, word.value.len()));
            }
            text.push_str(&word.value);
        }
        let start = words.first().map_or(0, |word| word.span.start);
        let end = words.last().map_or(start, |word| word.span.end);
        Self { is_exec: true, ..Self::new(text, pieces, Span::new(start, end)) }
    }

    fn new(text: String, pieces: Vec<(usize, u32, usize)>, whole: Span) -> Self {
        Self { commands: read(&text), text, pieces, whole, is_exec: false }
    }

    /// Returns the commands in order.
    pub(crate) fn list(&self) -> &[Command] {
        &self.commands.list
    }

    /// Tells whether the text is the words of an exec form, one blank between them.
    pub(crate) fn is_exec(&self) -> bool {
        self.is_exec
    }

    /// Returns where a range of the text stands in the file; the whole text where that is not known.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        self.exact(start, end).unwrap_or(self.whole)
    }

    /// Returns where a range of the text stands in the file, where that is known: edits go by this.
    ///
    /// The place holds the continuations and comments that stand between its ends.
    pub(crate) fn exact(&self, start: usize, end: usize) -> Option<Span> {
        match (self.source(start), end.checked_sub(1).and_then(|last| self.source(last))) {
            (Some(from), Some(last)) if from <= last => Some(Span::new(from, last + 1)),
            _ => None,
        }
    }

    /// Returns where a word stands in the file.
    pub(crate) fn word(&self, word: &Word) -> Span {
        self.span(word.start, word.end)
    }

    /// Returns the place directly after a word, where it is known exactly.
    pub(crate) fn after(&self, word: &Word) -> Option<Span> {
        let end = self.source(word.end.checked_sub(1)?)? + 1;
        Some(Span::new(end, end))
    }

    /// Returns where a command stands in the file.
    pub(crate) fn command(&self, command: &Command) -> Span {
        match (command.words.first(), command.words.last()) {
            (Some(first), Some(last)) => self.span(first.start, last.end),
            _ => self.whole,
        }
    }

    fn source(&self, at: usize) -> Option<u32> {
        let index = self.pieces.partition_point(|piece| piece.0 <= at).checked_sub(1)?;
        let (start, source, length) = self.pieces[index];
        (at < start + length).then(|| source + (at - start) as u32)
    }
}

/// Finds the runs of bytes that the text shares with the file: the lines of `span` without continuations.
fn pieces(value: &str, span: Span, parsed: &Parsed) -> Option<Vec<(usize, u32, usize)>> {
    let escape = parsed.escape().char();
    let source = parsed.text().get(span.range())?;
    let mut found = Vec::new();
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
            found.push((at, offset, length));
            at += length;
        }
        offset += line.len() as u32;
    }
    (at == value.len()).then_some(found)
}
