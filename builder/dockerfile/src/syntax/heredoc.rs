//! Files that are written inside a Dockerfile.

use std::borrow::Cow;
use std::sync::Arc;

use crate::span::{Span, Spanned};

/// Is a heredoc: its word after `<<` and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word without quotes, at the place of the whole `<<WORD`.
    pub name: Spanned<String>,
    /// The file descriptor before `<<`.
    pub descriptor: Option<u32>,
    /// Whether variables in the body are expanded: no part of the word is quoted.
    pub expand: bool,
    /// Whether the tabs at the start of every line go (`<<-`).
    pub strip_tabs: bool,
    /// The lines of the body as written, with their line breaks; sources of a copy with one word share one body.
    pub content: Spanned<Arc<str>>,
    /// The line that ends the body, without its line break.
    pub end: Span,
}

impl Heredoc {
    /// Returns the body with the leading tabs removed where `<<-` asks for it.
    pub fn text(&self) -> Cow<'_, str> {
        if !self.strip_tabs {
            return Cow::Borrowed(&self.content.value);
        }
        let lines = self.content.value.split_inclusive('\n');
        Cow::Owned(lines.map(|line| line.trim_start_matches('\t')).collect())
    }
}
