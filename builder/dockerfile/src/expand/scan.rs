//! Reads a word once from left to right and writes its expansion.

use std::collections::BTreeSet;
use std::str::Chars;

use super::pattern::{Reach, ShellPattern};
use super::{Dialect, Escapes, ExpandError, Expanded, Lookup, MAX_EXPANSION_BYTES, MAX_NESTING, Quotes, Unset};

/// The state of one expansion.
pub(super) struct Scanner<'a> {
    rest: Chars<'a>,
    dialect: Dialect,
    variables: &'a dyn Lookup,
    used: BTreeSet<String>,
    unset: BTreeSet<String>,
    depth: usize,
}

/// Says how `${v-w}` and its like take an empty value: a colon before the modifier makes it unset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EmptyIs {
    Set,
    Unset,
}

/// The text written so far, and the same as words.
#[derive(Default)]
struct Output {
    text: String,
    words: Vec<String>,
    word: String,
}

impl Output {
    /// Adds a character that ends the word when it is white space.
    fn bare(&mut self, character: char) {
        self.text.push(character);
        if character.is_whitespace() {
            self.end_word();
        } else {
            self.word.push(character);
        }
    }

    /// Adds a character that belongs to the word whatever it is.
    fn protected(&mut self, character: char) {
        self.text.push(character);
        self.word.push(character);
    }

    fn protected_text(&mut self, text: &str) {
        self.text.push_str(text);
        self.word.push_str(text);
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect, variables: &'a dyn Lookup) -> Self {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text).chars();
        Self { rest, dialect, variables, used: BTreeSet::new(), unset: BTreeSet::new(), depth: 0 }
    }

    pub(super) fn run(mut self) -> Result<Expanded, ExpandError> {
        let escapes = self.dialect.escapes;
        let mut output = self.until(None, escapes)?;
        output.end_word();
        Ok(Expanded { text: output.text, words: output.words, used: self.used, unset: self.unset })
    }

    /// Expands up to `stop`, which is consumed, or to the end of the text when there is none.
    fn until(&mut self, stop: Option<char>, escapes: Escapes) -> Result<Output, ExpandError> {
        let mut output = Output::default();
        let quotes = self.dialect.quotes;
        while let Some(character) = self.rest.next() {
            match character {
                _ if stop == Some(character) => return Ok(output),
                '$' => self.dollar()?.chars().for_each(|each| output.bare(each)),
                '\'' if quotes != Quotes::Plain => output.protected_text(&self.single_quoted()?),
                '"' if quotes != Quotes::Plain => output.protected_text(&self.double_quoted(escapes)?),
                '<' => output.protected_text(&self.heredoc_mark()),
                _ if character == self.dialect.escape => {
                    if escapes == Escapes::Keep {
                        output.protected(character);
                    }
                    self.rest.next().into_iter().for_each(|escaped| output.protected(escaped));
                }
                _ => output.bare(character),
            }
            if output.text.len() > MAX_EXPANSION_BYTES {
                return Err(ExpandError::Size);
            }
        }
        match stop {
            None => Ok(output),
            Some('/') => Err(ExpandError::MissingSlash),
            Some(_) => Err(ExpandError::MissingBrace),
        }
    }

    /// Reads on after a `'`; nothing can be escaped up to the next one.
    fn single_quoted(&mut self) -> Result<String, ExpandError> {
        let text = self.rest.as_str();
        let (inside, after) = text.split_once('\'').ok_or_else(|| {
            self.rest = "".chars();
            ExpandError::SingleQuote
        })?;
        self.rest = after.chars();
        Ok(if self.dialect.quotes == Quotes::Keep { format!("'{inside}'") } else { inside.to_owned() })
    }

    /// Reads on after a `"`; only `"`, `$` and the escape character can be escaped.
    fn double_quoted(&mut self, escapes: Escapes) -> Result<String, ExpandError> {
        let mut text = String::new();
        let escape = self.dialect.escape;
        if self.dialect.quotes == Quotes::Keep {
            text.push('"');
        }
        loop {
            match self.rest.next().ok_or(ExpandError::DoubleQuote)? {
                '"' => break,
                '$' => text.push_str(&self.dollar()?),
                character if character == escape => {
                    if escapes == Escapes::Keep {
                        text.push(escape);
                    }
                    match self.peek() {
                        Some(next) if next == '"' || next == '$' || next == escape => {
                            self.rest.next();
                            text.push(next);
                        }
                        _ => text.push(escape),
                    }
                }
                character => text.push(character),
            }
            if text.len() > MAX_EXPANSION_BYTES {
                return Err(ExpandError::Size);
            }
        }
        if self.dialect.quotes == Quotes::Keep {
            text.push('"');
        }
        Ok(text)
    }

    /// Reads on after a `<`: in `<< EOF` the white space does not end the word.
    fn heredoc_mark(&mut self) -> String {
        if self.peek() != Some('<') {
            return "<".to_owned();
        }
        self.rest.next();
        let text = self.rest.as_str();
        let after = text.trim_start_matches(['\t', '\r', ' ']);
        self.rest = after.chars();
        format!("<<{}", &text[..text.len() - after.len()])
    }

    /// Reads on after a `$`.
    fn dollar(&mut self) -> Result<String, ExpandError> {
        if self.peek() == Some('{') {
            self.rest.next();
            if self.depth == MAX_NESTING {
                return Err(ExpandError::Nesting);
            }
            self.depth += 1;
            let value = self.braced();
            self.depth -= 1;
            return value;
        }
        let name = self.name();
        if name.is_empty() {
            return Ok("$".to_owned());
        }
        Ok(match self.look_up(name) {
            None if self.dialect.unset == Unset::Keep => format!("${name}"),
            value => value.unwrap_or_default().to_owned(),
        })
    }

    /// Reads on after a `${`.
    fn braced(&mut self) -> Result<String, ExpandError> {
        match self.peek() {
            None => return Err(ExpandError::MissingBrace),
            Some('{' | '}' | ':') => return Err(ExpandError::BadSubstitution),
            Some(_) => {}
        }
        let name = self.name();
        match self.rest.next().ok_or(ExpandError::MissingBrace)? {
            '}' => Ok(match self.look_up(name) {
                None if self.dialect.unset == Unset::Keep => format!("${{{name}}}"),
                value => value.unwrap_or_default().to_owned(),
            }),
            ':' => {
                let modifier = self.rest.next().ok_or(ExpandError::MissingBrace)?;
                self.choice(name, modifier, EmptyIs::Unset)
            }
            modifier @ ('-' | '+' | '?') => self.choice(name, modifier, EmptyIs::Set),
            modifier @ ('#' | '%') => self.trim(name, modifier),
            '/' => self.replace(name),
            other => Err(ExpandError::Modifier(other.to_string())),
        }
    }

    /// Reads on after `${name-` and its like.
    fn choice(&mut self, name: &str, modifier: char, empty_is: EmptyIs) -> Result<String, ExpandError> {
        let colon = if empty_is == EmptyIs::Unset { ":" } else { "" };
        if matches!(modifier, '#' | '%') {
            return Err(ExpandError::Modifier(format!("{colon}{modifier}")));
        }
        let word = self.operand('}', Escapes::Remove)?;
        let value = self.look_up(name);
        if value.is_none() && self.dialect.unset == Unset::Keep {
            return Ok(format!("${{{name}{colon}{modifier}{word}}}"));
        }
        let useful = value.filter(|value| empty_is == EmptyIs::Set || !value.is_empty());
        match (modifier, useful) {
            ('-', None) => Ok(word),
            ('-' | '?', Some(value)) => Ok(value.to_owned()),
            ('+', None) => Ok(String::new()),
            ('+', Some(_)) => Ok(word),
            ('?', None) => {
                let standard =
                    if value.is_none() { "is not allowed to be unset" } else { "is not allowed to be empty" };
                let message = if word.is_empty() { standard.to_owned() } else { word };
                Err(ExpandError::Demanded { name: name.to_owned(), message })
            }
            _ => Err(ExpandError::Modifier(format!("{colon}{modifier}"))),
        }
    }

    /// Reads on after `${name#` or `${name%`.
    fn trim(&mut self, name: &str, side: char) -> Result<String, ExpandError> {
        let word = self.operand('}', Escapes::Keep)?;
        let Some(value) = self.look_up(name) else {
            let kept = || format!("${{{name}{side}{word}}}");
            compile(word.strip_prefix(side).unwrap_or(&word))?;
            return Ok(if self.dialect.unset == Unset::Keep { kept() } else { String::new() });
        };
        let (reach, pattern) = match word.strip_prefix(side) {
            Some(pattern) => (Reach::Longest, pattern),
            None => (Reach::Shortest, word.as_str()),
        };
        let pattern = compile(pattern)?;
        Ok(match side {
            '#' => pattern.without_prefix(value, reach),
            _ => pattern.without_suffix(value, reach),
        }
        .to_owned())
    }

    /// Reads on after `${name/`.
    fn replace(&mut self, name: &str) -> Result<String, ExpandError> {
        let everywhere = self.peek() == Some('/');
        if everywhere {
            self.rest.next();
        }
        let pattern = self.operand('/', Escapes::Keep)?;
        let replacement = self.operand('}', Escapes::Keep)?;
        let value = self.look_up(name);
        if value.is_none() && self.dialect.unset == Unset::Keep {
            return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
        }
        let compiled = compile(&pattern)?;
        let value = value.unwrap_or_default();
        if !everywhere {
            return Ok(match compiled.find(value) {
                Some(found) => format!("{}{replacement}{}", &value[..found.start], &value[found.end..]),
                None => value.to_owned(),
            });
        }
        compiled.replace_all(value, &replacement, MAX_EXPANSION_BYTES).ok_or(ExpandError::Size)
    }

    /// Expands the word after a modifier.
    ///
    /// Where the text ends early, that is the error, whatever else is wrong with the word.
    fn operand(&mut self, stop: char, escapes: Escapes) -> Result<String, ExpandError> {
        self.until(Some(stop), escapes).map(|output| output.text).map_err(|error| match error {
            ExpandError::Nesting | ExpandError::Size => error,
            _ if !self.rest.as_str().is_empty() => error,
            _ if stop == '/' => ExpandError::MissingSlash,
            _ => ExpandError::MissingBrace,
        })
    }

    /// Reads a name: digits, one special parameter, or letters, digits and underscores.
    fn name(&mut self) -> &'a str {
        let text = self.rest.as_str();
        let length = match text.chars().next() {
            Some(first) if is_digit(first) => text.find(|each| !is_digit(each)).unwrap_or(text.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => text.find(|each| !is_name_character(each)).unwrap_or(text.len()),
        };
        self.rest = text[length..].chars();
        &text[..length]
    }

    fn look_up(&mut self, name: &str) -> Option<&'a str> {
        let value = self.variables.value(name);
        let names = if value.is_some() { &mut self.used } else { &mut self.unset };
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
        value
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }
}

fn compile(pattern: &str) -> Result<ShellPattern, ExpandError> {
    ShellPattern::parse(pattern).map_err(|source| ExpandError::Pattern { pattern: pattern.to_owned(), source })
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || (!character.is_ascii() && character.is_numeric())
}

fn is_name_character(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}
