//! Rewrites that a cursor or selection offers: pure functions from a file and a place to edits.

use containr_dockerfile::syntax::{Instruction, Kind};
use containr_dockerfile::{Parsed, Span};
use containr_lint::Edit;

use super::{bases, forms, packages, runs};
use crate::cursor::instruction_at;
use crate::model::Model;

/// Is a rewrite of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refactoring {
    /// What it does, for a menu.
    pub(super) title: String,
    pub(super) rewrite: Rewrite,
    /// The changes in the order of the text; they do not overlap.
    pub(super) edits: Vec<Edit>,
}

/// Is the kind of a rewrite, for clients that sort them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rewrite {
    /// Something gets a name.
    Extract,
    /// Several things become one.
    Inline,
    /// One thing is said differently.
    Rephrase,
}

/// Is a place in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    pub(super) parsed: &'a Parsed,
    pub(super) model: &'a Model,
    pub(super) selection: Span,
}

/// Returns every rewrite that makes sense at a place.
pub(super) fn refactorings(spot: &Spot<'_>) -> Vec<Refactoring> {
    let mut found = Vec::new();
    found.extend(runs::merge(spot));
    found.extend(runs::split(spot));
    found.extend(runs::heredoc(spot));
    found.extend(runs::chain(spot));
    found.extend(packages::cache_mounts(spot));
    found.extend(packages::sort(spot));
    found.extend(forms::to_json(spot));
    found.extend(forms::to_shell(spot));
    found.extend(forms::add_to_copy(spot));
    found.extend(bases::name_stage(spot));
    found.extend(bases::argument_for_tag(spot));
    found.extend(bases::syntax_directive(spot));
    found
}

impl<'a> Spot<'a> {
    /// Returns the instruction at the start of the selection.
    pub(super) fn instruction(&self) -> Option<&'a Instruction> {
        instruction_at(self.parsed, self.selection.start as usize)
    }

    /// Returns the instructions of the stage, or those before the first.
    pub(super) fn siblings(&self) -> Vec<&'a Instruction> {
        let syntax = self.parsed.syntax();
        let stage = syntax.stages.iter().rev().find(|stage| stage.span.start <= self.selection.start);
        stage.map_or_else(Vec::new, |stage| stage.instructions.iter().collect())
    }

    /// Returns the text at a place.
    pub(super) fn text(&self, span: Span) -> &'a str {
        self.parsed.text().get(span.range()).unwrap_or_default()
    }

    /// Returns the flags of an instruction as written, each with a blank behind it.
    pub(super) fn flags(&self, instruction: &Instruction) -> String {
        instruction.flags.iter().map(|flag| format!("{} ", self.text(flag.span))).collect()
    }

    /// Returns the line break that the file uses.
    pub(super) fn eol(&self) -> &'static str {
        let text = self.parsed.text();
        match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// Returns the comments between two offsets, which are lines of their own.
    pub(super) fn comments_between(&self, start: usize, end: usize) -> Vec<&'a str> {
        // The first piece is the end of a line that something else stands in.
        let lines = self.parsed.text().get(start..end).unwrap_or_default().split('\n').skip(1);
        lines.map(str::trim).filter(|line| line.starts_with('#')).collect()
    }

    /// Tells whether the shell at the place reads as POSIX says: there is no SHELL that names another.
    pub(super) fn is_posix(&self) -> bool {
        let syntax = self.parsed.syntax();
        let Some(stage) = self.model.stage_at(self.selection.start) else { return true };
        let mut before = self.selection.start;
        for number in self.model.chain(stage) {
            let earlier = syntax.stages[number].instructions.iter().rev().filter(|one| one.span.start < before);
            let mut shells = earlier.filter_map(|one| match &one.kind {
                Kind::Shell(words) => words.first(),
                _ => None,
            });
            if let Some(shell) = shells.next() {
                let name = shell.value.rsplit(['/', '\\']).next().unwrap_or_default();
                return matches!(name, "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh" | "busybox");
            }
            before = u32::MAX;
        }
        true
    }
}

#[cfg(test)]
mod tests;
