//! Splits an instruction's text the ways BuildKit does; every word knows its place in the logical line.

use std::borrow::Cow;

use crate::syntax::Escape;

/// Is a word with its place in the logical line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Word<'a> {
    pub(crate) fn new(text: &'a str, start: usize) -> Self {
        Self { text: Cow::Borrowed(text), start, end: start + text.len() }
    }

    /// Parts the word at its first equals sign.
    pub(crate) fn parted(&self) -> Option<(Self, Self)> {
        let index = self.text.find('=')?;
        let name = Self { text: self.text[..index].to_owned().into(), start: self.start, end: self.start + index };
        let value =
            Self { text: self.text[index + 1..].to_owned().into(), start: self.start + index + 1, end: self.end };
        Some((name, value))
    }
}

/// Is a flag with quotes and escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FlagWord {
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where the value begins in the logical line.
    pub(crate) value: Option<usize>,
}

/// Tells whether a character parts words that may not be quoted.
pub(crate) fn is_blank(char: char) -> bool {
    matches!(char, '\t' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// Returns a text without white space at both ends, and where it begins.
pub(crate) fn trimmed(text: &str, base: usize) -> (&str, usize) {
    let front = text.trim_start();
    (front.trim_end(), base + text.len() - front.len())
}

/// Splits at blanks, whatever quotes say.
pub(crate) fn at_blanks(text: &str, base: usize) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_blank).unwrap_or(rest.len());
        words.push(Word::new(&rest[..end], base + text.len() - rest.len()));
        rest = rest[end..].trim_start_matches(is_blank);
    }
    words
}

/// Splits at white space outside quotes; quotes and escapes stay in the words.
pub(crate) fn quoted(text: &str, base: usize, escape: Escape) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut chars = text.char_indices();
    let mut start = None;
    let mut quote = None;
    let mut dropped = 0;
    while let Some((at, char)) = chars.next() {
        match quote {
            None if char.is_whitespace() => {
                if let Some(start) = start.take() {
                    words.push(Word::new(&text[start..at], base + start));
                }
                continue;
            }
            None if matches!(char, '\'' | '"') => quote = Some(char),
            Some(open) if char == open => quote = None,
            _ => {}
        }
        start.get_or_insert(at);
        // Nothing can be escaped inside single quotes; an escape at the very end is dropped.
        if char == escape.char() && quote != Some('\'') && chars.next().is_none() {
            dropped = char.len_utf8();
        }
    }
    if let Some(start) = start {
        let kept = &text[start..text.len() - dropped];
        if !kept.is_empty() {
            words.push(Word { text: Cow::Borrowed(kept), start: base + start, end: base + text.len() });
        }
    }
    words
}

/// Takes the flags off the front: words that begin with `--`, up to a lone `--`, which goes too.
///
/// Returns the flags, the place of the lone `--`, and where the rest begins in `text`.
pub(crate) fn flags(text: &str, base: usize, escape: Escape) -> (Vec<FlagWord>, Option<(usize, usize)>, usize) {
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if !text[at..].starts_with("--") {
            return (flags, None, at);
        }
        let (flag, end) = flag(text, at, base, escape);
        if flag.text == "--" {
            return (flags, Some((flag.start, flag.end)), end);
        }
        flags.push(flag);
        at = end;
    }
}

fn flag(text: &str, start: usize, base: usize, escape: Escape) -> (FlagWord, usize) {
    let mut word = String::new();
    let mut value = None;
    let mut quote = None;
    let mut end = text.len();
    let mut chars = text[start..].char_indices();
    while let Some((at, char)) = chars.next() {
        let mut kept = char;
        match quote {
            None if char.is_whitespace() => {
                end = start + at;
                break;
            }
            None if matches!(char, '\'' | '"') => {
                quote = Some(char);
                continue;
            }
            Some(open) if char == open => {
                quote = None;
                continue;
            }
            _ if char == escape.char() => match chars.next() {
                Some((_, next)) => kept = next,
                None => break,
            },
            _ => {}
        }
        if kept == '=' && value.is_none() {
            value = Some(base + start + at + 1);
        }
        word.push(kept);
    }
    (FlagWord { text: word, start: base + start, end: base + end, value }, end)
}
