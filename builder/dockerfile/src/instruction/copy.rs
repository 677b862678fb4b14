//! COPY and ADD.

use std::collections::HashMap;

use super::Lowering;
use crate::diagnostic::Code;
use crate::flags::{self, Known, Takes};
use crate::heredoc;
use crate::span::Spanned;
use crate::statement::{Args, Statement};
use crate::syntax::{Add, Copy, Flag, Heredoc, Source};
use crate::words::Word;

pub(super) const COPY_FLAGS: Known = &[
    ("from", Takes::Value),
    ("chown", Takes::Value),
    ("chmod", Takes::Value),
    ("link", Takes::Switch),
    ("parents", Takes::Switch),
    ("exclude", Takes::Values),
];

pub(super) const ADD_FLAGS: Known = &[
    ("chown", Takes::Value),
    ("chmod", Takes::Value),
    ("link", Takes::Switch),
    ("keep-git-dir", Takes::Switch),
    ("checksum", Takes::Value),
    ("unpack", Takes::Switch),
    ("exclude", Takes::Values),
];

impl Lowering<'_> {
    pub(super) fn copy(&mut self, statement: &Statement<'_>, flags: &[Flag]) -> Option<Copy> {
        let (sources, destination) = self.paths("COPY", statement)?;
        Some(Copy {
            from: flags::value(flags, "from"),
            chown: flags::value(flags, "chown"),
            chmod: flags::value(flags, "chmod"),
            link: flags::switch(flags, "link").unwrap_or(false),
            parents: flags::switch(flags, "parents").unwrap_or(false),
            excludes: flags::values(flags, "exclude"),
            sources,
            destination,
        })
    }

    pub(super) fn add(&mut self, statement: &Statement<'_>, flags: &[Flag]) -> Option<Add> {
        let (sources, destination) = self.paths("ADD", statement)?;
        Some(Add {
            chown: flags::value(flags, "chown"),
            chmod: flags::value(flags, "chmod"),
            link: flags::switch(flags, "link").unwrap_or(false),
            keep_git_dir: flags::switch(flags, "keep-git-dir"),
            checksum: flags::value(flags, "checksum"),
            unpack: flags::switch(flags, "unpack"),
            excludes: flags::values(flags, "exclude"),
            sources,
            destination,
        })
    }

    fn paths(&mut self, name: &str, statement: &Statement<'_>) -> Option<(Vec<Source>, Spanned<String>)> {
        let words = match &statement.args {
            Args::Words(words) | Args::Json(words, _) => words.as_slice(),
            _ => &[],
        };
        let (destination, sources) = match words {
            [] => {
                self.missing(statement, format!("{name} needs a source and a destination"));
                return None;
            }
            [_] => {
                self.missing(statement, format!("{name} needs a destination after its source"));
                return None;
            }
            [sources @ .., destination] => (destination, sources),
        };
        if heredoc::is_word(&destination.text) {
            let span = self.span_of(destination);
            self.diagnostics.error(span, Code::HeredocDestination, format!("the destination of {name} is a heredoc"));
            return None;
        }
        // Of several heredocs with one name the last one counts, as with BuildKit.
        let bodies: HashMap<String, Heredoc> =
            std::mem::take(&mut self.heredocs).into_iter().map(|one| (one.name.value.clone(), one)).collect();
        let sources = sources.iter().map(|word| self.source(word, &bodies)).collect();
        Some((sources, self.word(destination)))
    }

    fn source(&self, word: &Word<'_>, bodies: &HashMap<String, Heredoc>) -> Source {
        let Ok(Some(opener)) = heredoc::opener(&word.text) else { return Source::Path(self.word(word)) };
        let span = self.span_of(word);
        let body = bodies.get(&opener.name);
        Source::Heredoc(Heredoc {
            name: Spanned::new(opener.name, span),
            descriptor: opener.descriptor,
            expand: opener.expand,
            strip_tabs: opener.strip_tabs,
            // A JSON form opens no heredoc; its words are empty files.
            content: body.map_or_else(|| Spanned::new("".into(), span), |body| body.content.clone()),
            end: body.map_or(span, |body| body.end),
        })
    }
}
