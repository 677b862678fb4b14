//! From a pattern to its tokens.

use std::ops::RangeInclusive;

use crate::{BadPattern, Unit, units};

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Literal(Unit),
    /// `?`: one character that is no slash.
    One,
    /// `*`: any run without a slash.
    Star,
    /// `**` at the end: anything.
    Rest,
    /// `**/` or `**` before something: whole leading components, or nothing.
    Components,
    Class {
        negated: bool,
        ranges: Vec<RangeInclusive<char>>,
    },
}

/// Which characters have a special meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// `filepath.Match`: no `**`.
    Match,
    /// Include, exclude and ignore patterns.
    Deep,
}

/// A pattern that is being read.
struct Reader {
    units: Vec<Unit>,
    at: usize,
}

/// Reads a whole pattern.
pub(crate) fn compile(pattern: &[u8], syntax: Syntax) -> Result<Vec<Token>, BadPattern> {
    let bad = || BadPattern(String::from_utf8_lossy(pattern).into_owned());
    let mut reader = Reader { units: units(pattern).collect(), at: 0 };
    let mut tokens = Vec::new();
    while let Some(unit) = reader.next() {
        tokens.push(match unit {
            Unit::Character('*') if syntax == Syntax::Deep && reader.takes('*') => reader.deep(tokens.is_empty()),
            Unit::Character('*') => Token::Star,
            Unit::Character('?') => Token::One,
            Unit::Character('[') => reader.class().ok_or_else(bad)?,
            Unit::Character('\\') => Token::Literal(reader.next().ok_or_else(bad)?),
            literal => Token::Literal(literal),
        });
    }
    Ok(tokens)
}

impl Reader {
    fn next(&mut self) -> Option<Unit> {
        let unit = self.units.get(self.at).copied();
        self.at += usize::from(unit.is_some());
        unit
    }

    /// Eats a character if it stands next.
    fn takes(&mut self, character: char) -> bool {
        let found = self.units.get(self.at) == Some(&Unit::Character(character));
        self.at += usize::from(found);
        found
    }

    /// Returns what a `**` that was just read means at its place, and eats the slash behind it.
    fn deep(&mut self, first: bool) -> Token {
        let slash = self.takes('/');
        let rest = &self.units[self.at..];
        if rest.is_empty() {
            return Token::Rest;
        }
        // A leading `**` before plain text is compared as a suffix, which need not begin at a slash.
        let special = |unit: &Unit| matches!(unit, Unit::Character('*' | '?' | '[' | ']' | '\\'));
        if first && !slash && !rest.iter().any(special) { Token::Rest } else { Token::Components }
    }

    /// Reads a class behind its `[`, up to and with its `]`; nothing when it is malformed.
    fn class(&mut self) -> Option<Token> {
        let negated = self.takes('^');
        let mut ranges = Vec::new();
        while ranges.is_empty() || !self.takes(']') {
            let low = self.class_character()?;
            let high = if self.takes('-') { self.class_character()? } else { low };
            ranges.push(low..=high);
        }
        Some(Token::Class { negated, ranges })
    }

    fn class_character(&mut self) -> Option<char> {
        match self.next()? {
            Unit::Character('\\') => match self.next()? {
                Unit::Character(character) => Some(character),
                Unit::Byte(_) => None,
            },
            Unit::Character('-' | ']') | Unit::Byte(_) => None,
            Unit::Character(character) => Some(character),
        }
    }
}
