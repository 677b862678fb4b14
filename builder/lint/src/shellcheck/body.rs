//! The shell text of a RUN with the way back to the Dockerfile.

use containr_dockerfile::Parsed;
use containr_dockerfile::syntax::{Command, Heredoc, Run, Script};

use super::dialect::{Language, of_shebang};
use crate::shell::SourceMap;

/// Is a text for a shell.
pub(super) struct Body {
    pub(super) text: String,
    pub(super) map: SourceMap,
    pub(super) shape: Shape,
    /// What the text says of its own language.
    pub(super) shebang: Option<Language>,
}

/// Says how a text stands in the file, and thereby what may be written into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One line, however many the file has: what is written must not break it.
    Line,
    /// The lines of a heredoc.
    Lines,
}

impl Body {
    /// Returns what the shell of a RUN reads; nothing for the exec form.
    pub(super) fn of(run: &Run, parsed: &Parsed) -> Option<Self> {
        let Command::Shell(words) = &run.command else { return None };
        match (run.script(), run.heredocs.as_slice()) {
            (Script::Exec(_), _) => None,
            (Script::Shell(_), []) => {
                let map = SourceMap::joined(&words.value, words.span, parsed)?;
                Some(Self { text: words.value.clone(), map, shape: Shape::Line, shebang: None })
            }
            (Script::File { content, .. }, [first, ..]) => {
                let shebang = content.lines().next().map(of_shebang);
                Some(Self { shebang, ..Self::heredoc(first) })
            }
            // With no words of its own the RUN is its first heredoc.
            (Script::Shell(text), [first, ..]) if !text.starts_with(&words.value) => Some(Self::heredoc(first)),
            (Script::Shell(text), heredocs) => {
                let mut map = SourceMap::joined(&words.value, words.span, parsed)?;
                let mut at = words.value.len();
                for heredoc in heredocs {
                    map.push(at + 1, heredoc.content.span.start, heredoc.content.value.len());
                    at += 1 + heredoc.content.value.len() + heredoc.name.value.len();
                }
                Some(Self { text: text.into_owned(), map, shape: Shape::Line, shebang: None })
            }
            _ => None,
        }
    }

    fn heredoc(heredoc: &Heredoc) -> Self {
        let content = &heredoc.content;
        let map = match heredoc.strip_tabs {
            true => SourceMap::without_tabs(&content.value, content.span),
            false => SourceMap::verbatim(content.span),
        };
        Self { text: heredoc.text().into_owned(), map, shape: Shape::Lines, shebang: None }
    }

    /// Returns every word of the text that could name a variable, as often as it stands there.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let words = self.text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
        words.filter(|word| word.starts_with(|first: char| !first.is_ascii_digit()))
    }
}
