//! An ordered list of patterns in which the last one that matches decides.

use containr_glob::Glob;

use super::automaton::{BadPattern, Pattern};
use super::clean::clean;

/// A pattern of a list is malformed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A `!` stands alone.
    #[error("illegal exclusion pattern: \"!\"")]
    LoneException,
    /// The pattern cannot be read.
    #[error("cannot read the pattern {pattern:?}")]
    Malformed {
        /// The pattern after cleaning, bytes that are not UTF-8 replaced.
        pattern: String,
        /// What is wrong.
        source: BadPattern,
    },
}

/// Patterns with `*`, `?`, `[...]`, `**` and `!` for exceptions, matched against slash-separated relative paths.
#[derive(Clone, Debug, Default)]
pub struct PatternList {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    pattern: Pattern,
    polarity: Polarity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Polarity {
    Match,
    Except,
}

/// Which patterns of a list matched a directory; those match everything below it too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches(Option<Vec<u64>>);

impl Matches {
    fn get(&self, index: usize) -> bool {
        self.0.as_ref().is_some_and(|words| words[index / 64] >> (index % 64) & 1 == 1)
    }
}

impl PatternList {
    /// Reads patterns; blank ones are dropped, a leading `!` makes an exception.
    ///
    /// Errors at the first malformed pattern.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p [u8]>) -> Result<Self, PatternError> {
        let texts = patterns.into_iter().map(trim).filter(|text| !text.is_empty());
        Ok(Self { rules: texts.map(Rule::parse).collect::<Result<_, _>>()? })
    }

    /// Returns whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns whether the list matches a path, itself or through one of its directories.
    pub fn matches(&self, path: &[u8]) -> bool {
        let path = if path.len() > 1 { path.strip_suffix(b"/").unwrap_or(path) } else { path };
        if path.is_empty() || path == b"." {
            return false;
        }
        let mut above = Matches::default();
        for (end, _) in path.iter().enumerate().skip(1).filter(|(_, byte)| **byte == b'/') {
            above = self.matches_below(&path[..end], &above).1;
        }
        self.matches_below(path, &above).0
    }

    /// Returns whether the list matches a path, given what matched its directory, and what to hand on below it.
    ///
    /// A pattern is not tried where it could not change the outcome, hence not remembered either: so does fsutil.
    pub fn matches_below(&self, path: &[u8], directory: &Matches) -> (bool, Matches) {
        let mut words = vec![0_u64; self.rules.len().div_ceil(64)];
        let mut matched = false;
        for (index, rule) in self.rules.iter().enumerate() {
            let changes = (rule.polarity == Polarity::Except) == matched;
            if directory.get(index) || (changes && rule.pattern.matches(path)) {
                words[index / 64] |= 1 << (index % 64);
                matched = rule.polarity == Polarity::Match;
            }
        }
        (matched, Matches(Some(words)))
    }

    /// Returns whether a path below a directory may match some pattern that did not match the directory.
    pub fn may_match_below(&self, directory: &[u8]) -> bool {
        self.may_reach_below(directory, Polarity::Match)
    }

    /// Returns whether a path below a directory may match some exception that did not match the directory.
    pub fn may_except_below(&self, directory: &[u8]) -> bool {
        self.may_reach_below(directory, Polarity::Except)
    }

    fn may_reach_below(&self, directory: &[u8], polarity: Polarity) -> bool {
        self.rules.iter().any(|rule| rule.polarity == polarity && rule.pattern.may_match_below(directory))
    }
}

impl Rule {
    fn parse(text: &[u8]) -> Result<Self, PatternError> {
        let cleaned = clean(text);
        let (polarity, pattern) = match cleaned.strip_prefix(b"!") {
            Some(b"") => return Err(PatternError::LoneException),
            Some(pattern) => (Polarity::Except, pattern),
            None => (Polarity::Match, cleaned.as_slice()),
        };
        let malformed =
            |source| PatternError::Malformed { pattern: String::from_utf8_lossy(pattern).into_owned(), source };
        Glob::new(pattern).map_err(|_| malformed(BadPattern::Syntax))?;
        Ok(Self { pattern: Pattern::parse(pattern).map_err(malformed)?, polarity })
    }
}

/// Removes white space at both ends, in the sense of Unicode where the bytes are UTF-8.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}
