//! How far ShellCheck reads a script, and what it says where it gives up.
//!
//! ShellCheck's grammar is narrower than that of any shell: `[` begins a test, a word and a bracket a function. Texts of
//! other languages (PowerShell, cmd) fail in it at places of their own. This reader accepts the same language and fails
//! at the same places; it makes no tree.

mod arithmetic;
mod clauses;
mod commands;
mod conditions;
mod cursor;
mod expansions;
mod redirections;
mod spaces;
mod words;

use self::cursor::{Cursor, Notes};

/// Is a remark of the reader: the number of ShellCheck's code and its place, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    pub(crate) code: u16,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Says how far a script could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The whole script could be read.
    Whole(Vec<Problem>),
    /// What stands before the place is a script, what follows belongs to nothing.
    Stopped(usize, Vec<Problem>),
    /// There is a mistake at the place, and nothing is known of the rest.
    Failed(usize, Vec<Problem>),
    /// Nothing can be said: the text is nested too deeply, or has a heredoc without its end.
    Unknown,
}

/// Reads a script; problems are sorted, each stands once.
pub(crate) fn read(text: &str) -> Reading {
    let mut cursor = Cursor::new(text, 0);
    let outcome = cursor.script();
    if cursor.gave_up() {
        return Reading::Unknown;
    }
    match outcome {
        Ok(None) => Reading::Whole(cursor.problems(Notes::Count)),
        Ok(Some(at)) => Reading::Stopped(at, cursor.problems(Notes::Count)),
        Err(fail) => Reading::Failed(fail.0, cursor.problems(Notes::Drop)),
    }
}

#[cfg(test)]
mod tests;
