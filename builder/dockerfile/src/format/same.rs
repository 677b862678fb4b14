//! Tells whether two texts of an instruction read alike: the proof that formatting changes nothing.

use crate::heredoc;
use crate::keyword::Keyword;
use crate::logical::Logical;
use crate::source::Lines;
use crate::statement::{Args, Statement};
use crate::syntax::Escape;
use crate::words::{FlagWord, Word};

/// Tells whether two texts are each one instruction with the same meaning, heredocs that they open included.
///
/// What is compared is all that later layers see of an instruction but for places and the text that is shown to people.
pub(super) fn reads_alike(left: &str, right: &str, escape: Escape) -> bool {
    let (Some(left), Some(right)) = (logical(left, escape), logical(right, escape)) else { return false };
    let one = Statement::read(&left.text, escape);
    let other = Statement::read(&right.text, escape);
    let same = statements(&one, &other)
        && (one.name != Some(Keyword::Onbuild) || one.trigger() == other.trigger())
        && one.takes_heredocs() == other.takes_heredocs();
    same && (!one.takes_heredocs() || openers(&left.text) == openers(&right.text))
}

/// Reads a text that is one logical line to its end.
fn logical(text: &str, escape: Escape) -> Option<Logical> {
    let mut lines = Lines::new(text, 0);
    let line = lines.next()?;
    let logical = Logical::read(text, 0, line, &mut lines, escape);
    lines.next().is_none().then_some(logical)
}

/// Is what a line's heredocs are, wherever they stand.
type Opened = Vec<(String, Option<u32>, bool, bool)>;

fn openers(text: &str) -> Option<Opened> {
    let found = heredoc::openers(text).ok()?;
    Some(found.into_iter().map(|one| (one.name, one.descriptor, one.expand, one.strip_tabs)).collect())
}

fn statements(left: &Statement<'_>, right: &Statement<'_>) -> bool {
    let flags = |flags: &[FlagWord]| -> Vec<String> { flags.iter().map(|flag| flag.text.clone()).collect() };
    left.name == right.name
        && (left.name.is_some() || left.keyword.text == right.keyword.text)
        && flags(&left.flags) == flags(&right.flags)
        && left.flags_end.is_some() == right.flags_end.is_some()
        && args(left.name, &left.args, &right.args)
}

fn args(name: Option<Keyword>, left: &Args<'_>, right: &Args<'_>) -> bool {
    match (left, right) {
        (Args::None, Args::None) => true,
        (Args::Text(left), Args::Text(right)) | (Args::Ignored(left), Args::Ignored(right)) => left.text == right.text,
        (Args::Words(left), Args::Words(right)) if name == Some(Keyword::From) => {
            left.len() == right.len()
                && left.iter().zip(right).enumerate().all(|(index, (left, right))| {
                    left.text == right.text || index == 1 && left.text.eq_ignore_ascii_case(&right.text)
                })
        }
        (Args::Words(left), Args::Words(right)) | (Args::Json(left, _), Args::Json(right, _)) => words(left, right),
        (Args::Pairs(left), Args::Pairs(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| {
                    left.name.text == right.name.text
                        && left.value.text == right.value.text
                        && left.delimiter == right.delimiter
                })
        }
        (Args::Health(left, left_args), Args::Health(right, right_args)) => {
            left.text.eq_ignore_ascii_case(&right.text) && args(name, left_args, right_args)
        }
        (Args::Nested(left), Args::Nested(right)) => statements(left, right),
        _ => false,
    }
}

fn words(left: &[Word<'_>], right: &[Word<'_>]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.text == right.text)
}
