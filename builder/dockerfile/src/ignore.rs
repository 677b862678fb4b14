//! Reads .dockerignore files and says which paths of a context they leave out.
//!
//! The rules are those of moby's ignorefile and patternmatcher, applied as fsutil's walk applies them.

mod automaton;
mod clean;
mod patterns;

pub use automaton::BadPattern;
pub use patterns::{Matches, PatternError, PatternList};

use clean::clean;

/// Says whether a path belongs to the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The path is part of the context.
    Kept,
    /// The rules leave the path out.
    Ignored,
}

/// The rules of one ignore file.
#[derive(Clone, Debug, Default)]
pub struct IgnoreRules {
    patterns: PatternList,
}

impl IgnoreRules {
    /// Reads an ignore file.
    ///
    /// Errors at the first malformed pattern, and at a `!` without one.
    pub fn parse(text: &[u8]) -> Result<Self, PatternError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let lines = text.split(|byte| *byte == b'\n').filter_map(pattern_of_line).collect::<Vec<_>>();
        Ok(Self { patterns: PatternList::new(lines.iter().map(Vec::as_slice))? })
    }

    /// Returns whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Judges a path relative to the context's root; the root itself is always kept.
    pub fn verdict(&self, path: &[u8]) -> Verdict {
        verdict_of(self.patterns.matches(path))
    }

    /// Judges an entry by its path and what was found out about its directory.
    ///
    /// A walker starts with [`Matches::default`] at the root and hands each directory's result to its entries:
    /// a rule that matched a directory is not tried again below it.
    pub fn verdict_below(&self, path: &[u8], directory: &Matches) -> (Verdict, Matches) {
        let (matched, matches) = self.patterns.matches_below(path, directory);
        (verdict_of(matched), matches)
    }

    /// Returns whether an ignored directory may hold an entry that a `!` rule brings back.
    pub fn may_contain_included(&self, directory: &[u8]) -> bool {
        self.patterns.may_except_below(directory)
    }
}

fn verdict_of(matched: bool) -> Verdict {
    if matched { Verdict::Ignored } else { Verdict::Kept }
}

/// Returns the pattern of a line; nothing for a comment or blank line.
fn pattern_of_line(line: &[u8]) -> Option<Vec<u8>> {
    if line.starts_with(b"#") {
        return None;
    }
    let line = patterns::trim(line);
    if line.is_empty() {
        return None;
    }
    let (exception, pattern) = match line.strip_prefix(b"!") {
        Some(pattern) => (true, patterns::trim(pattern)),
        None => (false, line),
    };
    let mut cleaned = if pattern.is_empty() { Vec::new() } else { clean(pattern) };
    if cleaned.len() > 1 && cleaned[0] == b'/' {
        cleaned.remove(0);
    }
    if exception {
        cleaned.insert(0, b'!');
    }
    Some(cleaned)
}

#[cfg(test)]
mod tests;
