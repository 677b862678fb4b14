//! Expands variables and quotes in a word, as BuildKit's shell lexer does.
//!
//! The forms are `$v`, `${v}` and the modifiers `- + ?` (with or without `:`), `# ## % %%` and `/ //`.

mod pattern;
mod scan;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use pattern::PatternError;

/// Longest text, in bytes, that an expansion may give.
pub const MAX_EXPANSION_BYTES: usize = 8 << 20;

/// Deepest nesting of `${a:-${b:-...}}`.
pub const MAX_NESTING: usize = 128;

/// Gives the values of variables.
pub trait Lookup {
    /// Returns the value of a variable, or nothing when it is unset.
    fn value(&self, name: &str) -> Option<&str>;
}

impl Lookup for BTreeMap<String, String> {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }
}

impl Lookup for HashMap<String, String> {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }
}

/// Knows no variable.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVariables;

impl Lookup for NoVariables {
    fn value(&self, _name: &str) -> Option<&str> {
        None
    }
}

/// Says what becomes of quotation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// They group text and disappear.
    Remove,
    /// They group text and stay.
    Keep,
    /// They are characters like any other, as in the body of a heredoc.
    Plain,
}

/// Says what becomes of the escape character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// It protects the next character and disappears.
    Remove,
    /// It protects the next character and stays.
    Keep,
}

/// Says what becomes of a variable that is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unset {
    /// It expands to nothing.
    Empty,
    /// Its text stays as it was written.
    Keep,
}

/// How one kind of text is to be expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The escape character: a backslash, or what the directive `escape` says.
    pub escape: char,
    /// What becomes of quotation marks.
    pub quotes: Quotes,
    /// What becomes of the escape character outside of patterns.
    pub escapes: Escapes,
    /// What becomes of unset variables.
    pub unset: Unset,
}

impl Dialect {
    /// Returns the dialect of an instruction's arguments.
    pub fn argument(escape: char) -> Self {
        Self { escape, quotes: Quotes::Remove, escapes: Escapes::Remove, unset: Unset::Empty }
    }

    /// Returns the dialect of a heredoc's body: always a backslash, and quotes are plain text.
    pub fn heredoc() -> Self {
        Self { escape: '\\', quotes: Quotes::Plain, escapes: Escapes::Remove, unset: Unset::Empty }
    }

    /// Returns the dialect that only fills in what is set, for texts shown to people.
    pub fn display(escape: char) -> Self {
        Self { escape, quotes: Quotes::Keep, escapes: Escapes::Remove, unset: Unset::Keep }
    }
}

/// What a word expanded to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The whole as one word; white space stays.
    pub text: String,
    /// The same split at white space outside of quotes, values of variables included.
    pub words: Vec<String>,
    /// Names of the variables that were looked up and found.
    pub used: BTreeSet<String>,
    /// Names of the variables that were looked up and not found.
    pub unset: BTreeSet<String>,
}

/// Why a word cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// A `'` has no partner.
    #[error("unexpected end of statement while looking for matching single-quote")]
    SingleQuote,
    /// A `"` has no partner.
    #[error("unexpected end of statement while looking for matching double-quote")]
    DoubleQuote,
    /// A `${` is not closed.
    #[error("syntax error: missing '}}'")]
    MissingBrace,
    /// The pattern of `${v/p/r}` is not followed by a `/`.
    #[error("syntax error: missing '/' in ${{}}")]
    MissingSlash,
    /// The name between `${` and `}` is missing.
    #[error("syntax error: bad substitution")]
    BadSubstitution,
    /// The characters after the name are no known modifier.
    #[error("unsupported modifier ({0}) in substitution")]
    Modifier(String),
    /// A variable demanded by `?` or `:?` is unset or empty.
    #[error("{name}: {message}")]
    Demanded {
        /// The variable's name.
        name: String,
        /// What the word after `?` says, or the standard text.
        message: String,
    },
    /// A pattern after `#`, `%` or `/` is malformed.
    #[error("invalid pattern ({pattern}) in substitution")]
    Pattern {
        /// The pattern as expanded.
        pattern: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// The substitutions are nested deeper than [`MAX_NESTING`].
    #[error("substitutions are nested more than {MAX_NESTING} deep")]
    Nesting,
    /// The text would grow beyond [`MAX_EXPANSION_BYTES`].
    #[error("expansion is longer than {MAX_EXPANSION_BYTES} bytes")]
    Size,
}

/// Expands an instruction's argument.
///
/// Errors where quotes or braces do not match, a modifier or pattern is malformed, or `?` finds nothing.
pub fn expand_word(word: &str, escape: char, variables: &dyn Lookup) -> Result<Expanded, ExpandError> {
    expand(word, Dialect::argument(escape), variables)
}

/// Expands a text by the rules of a dialect.
///
/// Errors as [`expand_word`] does.
pub fn expand(text: &str, dialect: Dialect, variables: &dyn Lookup) -> Result<Expanded, ExpandError> {
    scan::Scanner::new(text, dialect, variables).run()
}

#[cfg(test)]
mod tests;
