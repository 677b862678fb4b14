//! Words: literal text, quotes, patterns and braces.

use super::cursor::{Cursor, Read};
use super::spaces::is_blank;

/// Is what is known of a word that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    /// The text without quotes, and whether it is all that there is.
    pub(super) text: String,
    pub(super) parts: usize,
    pub(super) all_literal: bool,
    /// Whether the first and the last part are plain text, and the text of the last one.
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    /// The kind of the second part is a pattern `*`.
    pub(super) star_second: bool,
    /// Whether the part before the last one is something else than a lone `[`.
    pub(super) second_is: Option<String>,
}

/// Is one part of a word.
enum Part {
    Literal(String),
    Star,
    Other,
}

/// The characters that end plain text.
fn is_special(char: char) -> bool {
    matches!(char, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '\\' | '\'' | '\t' | '\n' | '\r' | '"' | '$' | '`')
        || is_blank(char)
        || matches!(char, '[' | '{' | '}')
        || is_pattern(char)
        || is_unicode_quote(char)
}

/// Tells whether a pattern in round brackets can follow.
fn is_pattern(char: char) -> bool {
    matches!(char, '?' | '*' | '@' | '!' | '+')
}

fn is_unicode_quote(char: char) -> bool {
    is_unicode_double(char) || matches!(char, '\u{2018}' | '\u{2019}')
}

fn is_unicode_double(char: char) -> bool {
    matches!(char, '\u{201c}' | '\u{201d}' | '\u{2033}' | '\u{2036}')
}

impl Cursor<'_> {
    /// Reads a word; `reserved` are those that look like a forgotten semicolon.
    pub(super) fn word_but(&mut self, reserved: &[&str]) -> Read<Word> {
        let start = self.at;
        let word = self.deeper(|cursor| cursor.parts(""))?;
        if word.parts == 1 && word.first.as_deref().is_some_and(|text| reserved.contains(&text)) {
            self.problem_at(1010, start, start);
        }
        Ok(word)
    }

    /// Reads a word.
    pub(super) fn word(&mut self) -> Read<Word> {
        self.word_but(&["do", "done", "then", "fi", "esac"])
    }

    fn parts(&mut self, end: &str) -> Read<Word> {
        let mut word = Word { all_literal: true, ..Word::default() };
        word.add(self.part(end)?);
        while let Some(part) = self.optional(|cursor| cursor.part(end))? {
            word.add(part);
        }
        Ok(word)
    }

    /// Reads the inside of `[...]` of an array's element.
    pub(super) fn index(&mut self) -> Read {
        self.exactly("[")?;
        self.silently(|cursor| {
            cursor.many(|cursor| {
                if cursor.optional(|cursor| cursor.part("]"))?.is_some() {
                    return Ok(());
                }
                cursor.one(|char| is_blank(char) || "|&;<>()\\ '\t\n\r\"$`".contains(char)).map(drop)
            })
        })?;
        self.exactly("]")
    }

    fn part(&mut self, end: &str) -> Read<Part> {
        let Some(next) = self.peek().filter(|char| !end.contains(*char)) else { return self.fail() };
        match next {
            '(' => {
                self.problem(1036);
                self.fail()
            }
            '\'' => self.single_quoted().map(|()| Part::Other),
            '"' => self.double_quoted().map(|()| Part::Other),
            '?' | '*' | '@' | '!' | '+' => self.pattern(next),
            '[' => self.class(),
            '$' => self.dollar().map(|()| Part::Other),
            '`' => self.backticks(false).map(|()| Part::Other),
            '{' | '}' => self.brace(next),
            '<' | '>' => self.process().map(|()| Part::Other),
            _ if is_unicode_quote(next) => {
                let start = self.at;
                self.at += next.len_utf8();
                self.problem_at(1110, start, self.at);
                Ok(Part::Literal(next.to_string()))
            }
            _ => self.literal(end).map(Part::Literal),
        }
    }

    /// Reads plain text and escapes.
    pub(super) fn literal(&mut self, end: &str) -> Read<String> {
        let start = self.at;
        let mut text = String::new();
        loop {
            let plain = self.all(|char| !is_special(char) && !end.contains(char));
            text.push_str(plain);
            if self.peek() != Some('\\') {
                break;
            }
            text.extend(self.escaped()?);
        }
        // A continuation is a literal without text.
        if self.at == start {
            return self.fail();
        }
        Ok(text)
    }

    fn escaped(&mut self) -> Read<Option<char>> {
        let start = self.at;
        self.exactly("\\")?;
        let next = self.one(|_| true)?;
        if next == ' ' {
            let rest = self.rest().trim_start_matches(is_blank);
            if rest.is_empty() || rest.starts_with('\n') {
                self.problem_at(1101, start, start);
            }
        }
        match next {
            'n' | 't' | 'r' => self.note_at(1012, start),
            '.' | ',' | '~' | '#' | ']' => {}
            _ if is_special(next) => {}
            _ => self.note_at(1001, start),
        }
        Ok((next != '\n').then_some(next))
    }

    fn pattern(&mut self, sign: char) -> Read<Part> {
        self.at += 1;
        if self.peek() == Some('(') {
            self.at += 1;
            self.deeper(Self::alternatives)?;
            self.exactly(")")?;
            return Ok(Part::Other);
        }
        Ok(match sign {
            '*' => Part::Star,
            '?' => Part::Other,
            _ => Part::Literal(sign.to_string()),
        })
    }

    /// Reads `a|b` inside of an extended pattern.
    fn alternatives(&mut self) -> Read {
        loop {
            self.many(|cursor| {
                if cursor.peek() == Some('(') {
                    cursor.at += 1;
                    cursor.deeper(Self::alternatives)?;
                    return cursor.exactly(")");
                }
                if cursor.optional(|cursor| cursor.part(""))?.is_some() {
                    return Ok(());
                }
                cursor.one(|char| is_blank(char) || "\n\r<>#;&".contains(char)).map(drop)
            })?;
            if self.optional(|cursor| cursor.exactly("|"))?.is_none() {
                return Ok(());
            }
        }
    }

    /// Reads `[a-z]`, or the bracket alone.
    fn class(&mut self) -> Read<Part> {
        if self.optional(|cursor| cursor.attempt(Self::set))?.is_some() {
            return Ok(Part::Other);
        }
        self.at += 1;
        Ok(Part::Literal("[".to_owned()))
    }

    fn set(&mut self) -> Read {
        self.exactly("[")?;
        if matches!(self.peek(), Some('!' | '^')) {
            self.at += 1;
        }
        let start = self.at;
        let _ = self.optional(|cursor| cursor.exactly("]"))?;
        loop {
            let before = self.at;
            let name = self.rest().strip_prefix("[:").unwrap_or_default();
            if let Some(after) = name.trim_start_matches(char::is_alphabetic).strip_prefix(":]") {
                self.at = self.text.len() - after.len();
            }
            self.all(|char| (!is_special(char) || char == '[' || is_pattern(char)) && char != ']');
            if self.starts("\\") {
                self.escaped()?;
            }
            if self.at == before {
                break;
            }
        }
        if self.at == start { self.fail() } else { self.exactly("]") }
    }

    fn brace(&mut self, sign: char) -> Read<Part> {
        if sign == '{' && self.optional(|cursor| cursor.attempt(Self::braces))?.is_some() {
            return Ok(Part::Other);
        }
        if self.starts("{}") {
            self.at += 2;
            return Ok(Part::Literal("{}".to_owned()));
        }
        self.problem(1083);
        self.at += 1;
        Ok(Part::Literal(sign.to_string()))
    }

    /// Reads `{a,b}` or `{1..9}`.
    pub(super) fn braces(&mut self) -> Read {
        self.exactly("{")?;
        let mut count = 1;
        let mut range = self.deeper(Self::brace_element)?;
        while self.optional(|cursor| cursor.exactly(","))?.is_some() {
            count += 1;
            range = self.deeper(Self::brace_element)?;
        }
        if count < 2 && !range {
            return self.fail();
        }
        self.exactly("}")
    }

    /// Reads an element of braces; tells whether it has two dots.
    fn brace_element(&mut self) -> Read<bool> {
        let mut range = false;
        loop {
            match self.peek() {
                Some('{') => self.braces()?,
                Some('$') => self.expansion()?,
                Some('\'') => self.single_quoted()?,
                Some('"') => self.double_quoted()?,
                None | Some('}' | ',' | '\n' | '\r') => return Ok(range),
                Some(char) if is_blank(char) => return Ok(range),
                Some(_) => {
                    let start = self.at;
                    while let Some(char) = self.peek().filter(|char| !"{}\"$',\n\r".contains(*char) && !is_blank(*char))
                    {
                        self.at += char.len_utf8();
                        if char == '\\' {
                            self.one(|_| true)?;
                        }
                    }
                    range |= self.text[start..self.at].contains("..");
                }
            }
        }
    }

    pub(super) fn single_quoted(&mut self) -> Read {
        let start = self.at;
        self.exactly("'")?;
        let inside = self.rest();
        let Some(length) = inside.find('\'') else {
            self.at = self.text.len();
            return self.fail();
        };
        let text = &inside[..length];
        let from = self.at;
        for (at, quote) in text.char_indices().filter(|(_, char)| matches!(char, '\u{2018}' | '\u{2019}')) {
            self.problem_at(1112, from + at, from + at);
            debug_assert!(is_unicode_quote(quote));
        }
        if text.ends_with('\\') {
            self.problem_at(1003, from + length - 1, from + length - 1);
        }
        let end = from + length;
        self.at = end + 1;
        let suspect = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '%' | '\'');
        if let Some(next) = self.peek().filter(|char| suspect(*char)) {
            if next.is_alphabetic() && text.ends_with(char::is_alphabetic) {
                self.problem_at(1011, end, end);
            } else if text.contains('\n') && !text.starts_with('\n') {
                self.problem_at(1078, start, start);
                self.problem_at(1079, end, end);
            }
        }
        Ok(())
    }

    pub(super) fn double_quoted(&mut self) -> Read {
        let start = self.at;
        self.exactly("\"")?;
        self.deeper(Self::double_parts)?;
        let end = self.at;
        self.exactly("\"")?;
        let text = &self.text[start + 1..end];
        let suspect = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '%' | '$' | '"');
        if self.peek().is_some_and(suspect) && text.contains('\n') && !text.starts_with('\n') {
            self.problem_at(1078, start, start);
            self.problem_at(1079, end, end);
        }
        Ok(())
    }

    /// Reads what stands in double quotes up to their end.
    pub(super) fn double_parts(&mut self) -> Read {
        loop {
            self.all(|char| !matches!(char, '\\' | '"' | '$' | '`') && !is_unicode_double(char));
            match self.peek() {
                None | Some('"') => return Ok(()),
                Some('\\') => {
                    self.at += 1;
                    self.one(|_| true)?;
                }
                Some('$') => self.quoted_dollar()?,
                Some('`') => self.backticks(true)?,
                Some(quote) => {
                    self.problem(1111);
                    self.at += quote.len_utf8();
                }
            }
        }
    }
}

impl Word {
    fn add(&mut self, part: Part) {
        self.parts += 1;
        let literal = match part {
            Part::Literal(text) => Some(text),
            Part::Star => {
                self.star_second |= self.parts == 2;
                None
            }
            Part::Other => None,
        };
        if let Some(text) = &literal {
            self.text.push_str(text);
        }
        self.all_literal &= literal.is_some();
        if self.parts == 1 {
            self.first.clone_from(&literal);
        }
        if self.parts == 2 {
            self.second_is.clone_from(&literal);
        }
        self.last = literal;
    }
}
