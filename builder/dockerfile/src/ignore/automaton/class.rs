//! Character classes between brackets, by the rules of Go's regular expressions.

use std::ops::RangeInclusive;

use super::BadPattern;

/// A set of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    ranges: Vec<RangeInclusive<char>>,
    negated: bool,
}

impl Class {
    /// Returns the class of all characters but one.
    pub(super) fn all_but(character: char) -> Self {
        Self { ranges: vec![character..=character], negated: true }
    }

    /// Returns whether a character is in the set.
    pub(super) fn contains(&self, character: char) -> bool {
        self.ranges.iter().any(|range| range.contains(&character)) != self.negated
    }

    /// Reads a class behind its `[` and returns what follows its `]`.
    pub(super) fn read(text: &str) -> Result<(Self, &str), BadPattern> {
        let (negated, mut rest) = match text.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut ranges = Vec::new();
        loop {
            if let Some(after) = rest.strip_prefix(']').filter(|_| !ranges.is_empty()) {
                return Ok((Self { ranges, negated }, after));
            }
            if let Some((name, after)) = rest.strip_prefix("[:").and_then(|named| named.split_once(":]")) {
                ranges.extend(named(name).ok_or_else(|| BadPattern::Class(name.to_owned()))?);
                rest = after;
                continue;
            }
            let (low, after) = character(rest)?;
            let (high, after) = match after.strip_prefix('-').filter(|end| !end.is_empty() && !end.starts_with(']')) {
                Some(end) => character(end)?,
                None => (low, after),
            };
            if high < low {
                return Err(BadPattern::Range(low, high));
            }
            ranges.push(low..=high);
            rest = after;
        }
    }
}

/// Reads one character, escaped or not.
fn character(text: &str) -> Result<(char, &str), BadPattern> {
    let text = text.strip_prefix('\\').unwrap_or(text);
    let character = text.chars().next().ok_or(BadPattern::Syntax)?;
    Ok((character, &text[character.len_utf8()..]))
}

/// Returns the ASCII class of a name between `[:` and `:]`.
fn named(name: &str) -> Option<Vec<RangeInclusive<char>>> {
    Some(match name {
        "alnum" => vec!['0'..='9', 'A'..='Z', 'a'..='z'],
        "alpha" => vec!['A'..='Z', 'a'..='z'],
        "ascii" => vec!['\0'..='\x7f'],
        "blank" => vec!['\t'..='\t', ' '..=' '],
        "cntrl" => vec!['\0'..='\x1f', '\x7f'..='\x7f'],
        "digit" => vec!['0'..='9'],
        "graph" => vec!['!'..='~'],
        "lower" => vec!['a'..='z'],
        "print" => vec![' '..='~'],
        "punct" => vec!['!'..='/', ':'..='@', '['..='`', '{'..='~'],
        "space" => vec!['\t'..='\r', ' '..=' '],
        "upper" => vec!['A'..='Z'],
        "word" => vec!['0'..='9', 'A'..='Z', '_'..='_', 'a'..='z'],
        "xdigit" => vec!['0'..='9', 'A'..='F', 'a'..='f'],
        _ => return None,
    })
}
