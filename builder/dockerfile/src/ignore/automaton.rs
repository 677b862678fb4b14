//! One pattern of an ignore file, matched in one pass without going back.
//!
//! moby's patternmatcher translates a pattern into a regular expression piece by piece, also inside brackets, and keeps
//! short cuts for patterns without wildcards. Both show in what odd patterns match (`**foo` matches `xfoo`, `[*]` matches
//! no star), so the same two steps are taken here: translate, then read the translation.

mod class;
mod run;

use class::Class;

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// A bracket is not closed, a range has no end, or a backslash stands last.
    #[error("syntax error in pattern")]
    Syntax,
    /// A range ends before it starts.
    #[error("invalid character range {0}-{1}")]
    Range(char, char),
    /// No class has the name between `[:` and `:]`.
    #[error("unknown character class [:{0}:]")]
    Class(String),
}

/// A pattern ready for matching.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// The path is this.
    Exact(Vec<u8>),
    /// The path starts with this.
    Prefix(Vec<u8>),
    /// The path ends with this, or is this without its leading slash.
    Suffix(Vec<u8>),
    /// Anything else.
    States(States),
}

/// A sequence of states, with what every match starts and ends with.
#[derive(Clone, Debug)]
pub(super) struct States {
    steps: Vec<Step>,
    prefix: Vec<u8>,
    suffix: Vec<u8>,
}

/// What is consumed on the way from one state to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Literal(char),
    Once(Class),
    AnyNumber(Class),
    /// Nothing; the step after this one may be left out too.
    Optional,
    /// Anything that ends in a slash.
    Directories,
    /// Nothing, and only at the start of the path.
    Start,
}

/// Which short cut a pattern allows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Exact,
    Prefix,
    Suffix,
    General,
}

impl Pattern {
    /// Reads a cleaned pattern that Go's `filepath.Match` finds well formed.
    ///
    /// Errors where the translation is malformed nevertheless.
    pub(super) fn parse(pattern: &[u8]) -> Result<Self, BadPattern> {
        let text = String::from_utf8_lossy(pattern);
        let (expression, shape) = translate(text.strip_prefix('\u{feff}').unwrap_or(&text));
        Ok(match shape {
            Shape::Exact => Self::Exact(pattern.to_vec()),
            Shape::Prefix => Self::Prefix(pattern[..pattern.len() - 2].to_vec()),
            Shape::Suffix => Self::Suffix(pattern[2..].to_vec()),
            Shape::General => Self::States(States::new(read(&expression)?)),
        })
    }

    /// Returns whether the whole path matches.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text),
            Self::Suffix(text) => path.ends_with(text) || text.strip_prefix(b"/") == Some(path),
            Self::States(states) => states.matches(path),
        }
    }

    /// Returns whether a path below a directory can match.
    pub(super) fn may_match_below(&self, directory: &[u8]) -> bool {
        let below = [directory, b"/"].concat();
        match self {
            Self::Exact(text) => text.starts_with(&below),
            Self::Prefix(text) => text.starts_with(&below) || below.starts_with(text),
            Self::Suffix(_) => true,
            Self::States(states) => states.live_after(&below),
        }
    }
}

impl States {
    fn new(steps: Vec<Step>) -> Self {
        let prefix = literal_text(steps.iter());
        let mut suffix = literal_text(steps.iter().rev()).chars().rev().collect::<String>();
        if steps.len() == prefix.chars().count() {
            suffix.clear();
        }
        Self { steps, prefix: prefix.into_bytes(), suffix: suffix.into_bytes() }
    }
}

/// Returns the characters that a run of steps demands; a replacement character also stands for stray bytes.
fn literal_text<'s>(steps: impl Iterator<Item = &'s Step>) -> String {
    steps
        .map_while(|step| match step {
            Step::Literal(character) if *character != char::REPLACEMENT_CHARACTER => Some(*character),
            _ => None,
        })
        .collect()
}

/// Writes the regular expression that patternmatcher writes for a pattern.
fn translate(pattern: &str) -> (String, Shape) {
    let mut expression = String::with_capacity(pattern.len() * 2);
    let mut shape = Shape::Exact;
    let mut rest = pattern.chars().peekable();
    let mut first = true;
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                if rest.peek().is_some() {
                    expression.push_str("(.*/)?");
                    shape = Shape::General;
                } else if shape == Shape::Exact {
                    shape = Shape::Prefix;
                } else {
                    expression.push_str(".*");
                    shape = Shape::General;
                }
                if first {
                    shape = Shape::Suffix;
                }
            }
            '*' | '?' => {
                expression.push_str(if character == '*' { "[^/]*" } else { "[^/]" });
                shape = Shape::General;
            }
            '\\' => {
                expression.push('\\');
                expression.extend(rest.next());
                shape = Shape::General;
            }
            '[' | ']' => {
                expression.push(character);
                shape = Shape::General;
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => expression.extend(['\\', character]),
            _ => expression.push(character),
        }
        first = false;
    }
    (expression, shape)
}

/// Reads a regular expression of those that [`translate`] can write.
fn read(expression: &str) -> Result<Vec<Step>, BadPattern> {
    let mut steps = Vec::new();
    let mut rest = expression;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '(' => {
                rest = rest.strip_prefix(".*/)?").ok_or(BadPattern::Syntax)?;
                steps.extend([Step::Optional, Step::Directories]);
            }
            '.' => {
                rest = rest.strip_prefix('*').ok_or(BadPattern::Syntax)?;
                steps.push(Step::AnyNumber(Class::all_but('\n')));
            }
            '[' => {
                let (class, after) = Class::read(rest)?;
                rest = after;
                match rest.strip_prefix('*') {
                    Some(after) => {
                        rest = after;
                        steps.push(Step::AnyNumber(class));
                    }
                    None => steps.push(Step::Once(class)),
                }
            }
            '^' => steps.push(Step::Start),
            '\\' => {
                let escaped = rest.chars().next().ok_or(BadPattern::Syntax)?;
                rest = &rest[escaped.len_utf8()..];
                steps.push(Step::Literal(escaped));
            }
            literal => steps.push(Step::Literal(literal)),
        }
    }
    Ok(steps)
}
