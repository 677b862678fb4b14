//! The text that a RUN hands to its shell, with the way back from its offsets to the Dockerfile.

use std::sync::Arc;

use containr_dockerfile::syntax::{Command as Form, Run};
use containr_dockerfile::{Parsed, Span, Spanned};

use super::strict::{self, Reading};
use super::{Command, Commands, ReadScripts, SourceMap, Word, read};

/// Is a text for the shell with its commands.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The text as the shell sees it, heredocs that are not the script itself left out.
    pub(crate) text: String,
    /// What it runs.
    pub(crate) commands: Arc<Commands>,
    map: SourceMap,
    whole: Span,
    is_exec: bool,
}

impl Script {
    /// Reads the commands of a RUN.
    pub(crate) fn of(run: &Run, parsed: &Parsed, known: &ReadScripts) -> Self {
        let joined = |value: &str, span: Span| {
            let map = SourceMap::joined(value, span, parsed).unwrap_or_default();
            Self::new(value.to_owned(), map, span, known.read(value))
        };
        match (&run.command, run.heredocs.first()) {
            (Form::Exec(words), _) => Self::exec(words),
            (Form::Shell(text), Some(first)) if text.value.starts_with("<<") => {
                let Spanned { value, span } = &first.content;
                Self::new(value.to_string(), SourceMap::verbatim(*span), *span, known.read(value))
            }
            (Form::Shell(text), Some(_)) => {
                let end = text.value.find("<<").unwrap_or(text.value.len());
                joined(text.value[..end].trim_end(), text.span)
            }
            (Form::Shell(text), None) => joined(&text.value, text.span),
        }
    }

    /// Reads the words of an exec form as a command.
    pub(crate) fn exec(words: &[Spanned<String>]) -> Self {
        let mut text = String::new();
        let mut map = SourceMap::default();
        for word in words {
            if !text.is_empty() {
                text.push(' ');
            }
            // The span has the quotes; where escapes made it longer, it is no run of equal bytes.
            if word.span.len() as usize == word.value.len() + 2 {
                map.push(text.len(), word.span.start + 1, word.value.len());
            }
            text.push_str(&word.value);
        }
        let start = words.first().map_or(0, |word| word.span.start);
        let end = words.last().map_or(start, |word| word.span.end);
        let commands = Arc::new(read(&text));
        Self { is_exec: true, ..Self::new(text, map, Span::new(start, end), commands) }
    }

    fn new(text: String, map: SourceMap, whole: Span, commands: Arc<Commands>) -> Self {
        Self { commands, text, map, whole, is_exec: false }
    }

    /// Leaves those commands that ShellCheck could read, from which hadolint takes them.
    pub(crate) fn strictly(mut self) -> Self {
        match strict::read(&self.text) {
            Reading::Failed(..) => self.commands = Arc::default(),
            Reading::Stopped(at, _) => self.commands = Arc::new(read(&self.text[..at])),
            Reading::Whole(_) | Reading::Unknown => {}
        }
        self
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
        self.map.span(start, end)
    }

    /// Returns where a word stands in the file.
    pub(crate) fn word(&self, word: &Word) -> Span {
        self.span(word.start, word.end)
    }

    /// Returns the place directly after a word, where it is known exactly.
    pub(crate) fn after(&self, word: &Word) -> Option<Span> {
        let end = self.map.source(word.end.checked_sub(1)?)? + 1;
        Some(Span::new(end, end))
    }

    /// Returns where a command stands in the file.
    pub(crate) fn command(&self, command: &Command) -> Span {
        match (command.words.first(), command.words.last()) {
            (Some(first), Some(last)) => self.span(first.start, last.end),
            _ => self.whole,
        }
    }
}
