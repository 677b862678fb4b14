//! Matches one pattern against one name: Go's `filepath.Match`, and `**` as moby's ignore files have it.
//!
//! `*` and `?` stop at a slash, `[a-z]` and `[^a-z]` are classes, a backslash escapes. Names are bytes. A pattern becomes a
//! list of tokens; matching walks the name once with the set of reachable tokens, so that no pattern can make it slow.

mod compile;
mod run;
mod unit;

#[cfg(test)]
mod tests;

pub use unit::{Unit, units};

use compile::{Syntax, Token, compile};

/// A pattern is malformed: a bracket is not closed or holds nothing, a range has no end, or a backslash stands last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("pattern `{0}` is malformed")]
pub struct BadPattern(pub String);

/// One compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    tokens: Vec<Token>,
}

impl Glob {
    /// Compiles a pattern as `filepath.Match` reads it.
    ///
    /// # Errors
    /// The pattern is malformed, also where a name could be refused before the place is reached.
    pub fn new(pattern: &[u8]) -> Result<Self, BadPattern> {
        compile(pattern, Syntax::Match).map(|tokens| Self { tokens })
    }

    /// Compiles an include or exclude pattern, in which `**` crosses slashes.
    ///
    /// # Errors
    /// As [`Glob::new`].
    pub fn deep(pattern: &[u8]) -> Result<Self, BadPattern> {
        compile(pattern, Syntax::Deep).map(|tokens| Self { tokens })
    }

    /// Returns whether the whole name matches.
    pub fn matches(&self, name: &[u8]) -> bool {
        run::matches(&self.tokens, name)
    }
}

/// Returns whether a name has a wildcard that no backslash takes away.
pub fn has_wildcards(name: &[u8]) -> bool {
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'*' | b'?' | b'[' => return true,
            _ => {}
        }
    }
    false
}
