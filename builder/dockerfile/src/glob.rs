//! Matches one pattern against one name as Go's `filepath.Match` does: the wildcards of COPY and ADD sources.
//!
//! `*` and `?` stop at a slash, `[a-z]` and `[^a-z]` are classes, a backslash escapes.

use std::ops::RangeInclusive;

/// A pattern is malformed: a bracket is not closed, a range has no end, or a backslash stands last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub struct BadPattern;

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Literal(Unit),
    /// Any character but a slash.
    One,
    /// Any number of characters but slashes.
    Many,
    Class {
        negated: bool,
        ranges: Vec<RangeInclusive<char>>,
    },
}

/// A character, or a byte that is no part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Character(char),
    Byte(u8),
}

impl Unit {
    /// Returns what Go takes the unit for: stray bytes count as the replacement character.
    pub(crate) fn character(self) -> char {
        match self {
            Self::Character(character) => character,
            Self::Byte(_) => char::REPLACEMENT_CHARACTER,
        }
    }
}

/// Returns whether a whole name matches a pattern.
///
/// Errors when the pattern is malformed, also where a name could be refused earlier.
pub fn matches(pattern: &[u8], name: &[u8]) -> Result<bool, BadPattern> {
    let tokens = parse(pattern)?;
    let name = units(name).collect::<Vec<_>>();
    Ok(run(&tokens, &name))
}

/// Checks that a pattern is well formed.
pub fn check(pattern: &[u8]) -> Result<(), BadPattern> {
    parse(pattern).map(drop)
}

/// Returns whether a text holds a character that a pattern gives a meaning to: `*`, `?`, `[` or a backslash.
pub fn is_pattern(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'))
}

/// Splits bytes into characters and stray bytes.
pub(crate) fn units(bytes: &[u8]) -> impl Iterator<Item = Unit> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let stray = chunk.invalid().iter().map(|byte| Unit::Byte(*byte));
        chunk.valid().chars().map(Unit::Character).chain(stray)
    })
}

/// Tries the tokens from the left; a mismatch goes back to the last `*`, which is enough as no `*` crosses a slash.
fn run(tokens: &[Token], name: &[Unit]) -> bool {
    let (mut token, mut place) = (0, 0);
    let mut retry = None;
    loop {
        let fits = match (tokens.get(token), name.get(place)) {
            (None, None) => return true,
            (Some(Token::Many), _) => {
                retry = Some((token, place));
                token += 1;
                continue;
            }
            (Some(expected), Some(unit)) => expected.fits(*unit),
            _ => false,
        };
        if fits {
            token += 1;
            place += 1;
            continue;
        }
        let Some((star, from)) = retry else { return false };
        if name.get(from).is_none_or(|unit| *unit == Unit::Character('/')) {
            return false;
        }
        retry = Some((star, from + 1));
        (token, place) = (star + 1, from + 1);
    }
}

impl Token {
    fn fits(&self, unit: Unit) -> bool {
        match self {
            Self::Literal(literal) => *literal == unit,
            Self::One | Self::Many => unit != Unit::Character('/'),
            Self::Class { negated, ranges } => ranges.iter().any(|range| range.contains(&unit.character())) != *negated,
        }
    }
}

fn parse(pattern: &[u8]) -> Result<Vec<Token>, BadPattern> {
    let mut tokens = Vec::new();
    let mut rest = units(pattern).peekable();
    while let Some(unit) = rest.next() {
        tokens.push(match unit {
            Unit::Character('*') if tokens.last() == Some(&Token::Many) => continue,
            Unit::Character('*') => Token::Many,
            Unit::Character('?') => Token::One,
            Unit::Character('[') => class(&mut rest)?,
            Unit::Character('\\') => Token::Literal(rest.next().ok_or(BadPattern)?),
            literal => Token::Literal(literal),
        });
    }
    Ok(tokens)
}

/// Reads a class behind its `[`, up to and with its `]`.
fn class(rest: &mut std::iter::Peekable<impl Iterator<Item = Unit>>) -> Result<Token, BadPattern> {
    let negated = rest.next_if_eq(&Unit::Character('^')).is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || rest.next_if_eq(&Unit::Character(']')).is_none() {
        let low = class_character(rest)?;
        let high = match rest.next_if_eq(&Unit::Character('-')) {
            Some(_) => class_character(rest)?,
            None => low,
        };
        ranges.push(low..=high);
    }
    Ok(Token::Class { negated, ranges })
}

fn class_character(rest: &mut impl Iterator<Item = Unit>) -> Result<char, BadPattern> {
    match rest.next().ok_or(BadPattern)? {
        Unit::Character('\\') => match rest.next().ok_or(BadPattern)? {
            Unit::Character(character) => Ok(character),
            Unit::Byte(_) => Err(BadPattern),
        },
        Unit::Character('-' | ']') | Unit::Byte(_) => Err(BadPattern),
        Unit::Character(character) => Ok(character),
    }
}

#[cfg(test)]
mod tests;
