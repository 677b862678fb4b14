//! The shell's words: quotes, escapes, substitutions and patterns.

use super::Word;
use super::parse::{Invalid, Reader};

impl Reader<'_> {
    /// Reads one word, which must not be empty.
    pub(super) fn word(&mut self) -> Result<Word, Invalid> {
        let mut word = Word { literal: true, start: self.at, ..Word::default() };
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' => break,
                b'<' | b'>' => {
                    if !self.rest()[1..].starts_with('(') {
                        break;
                    }
                    self.at += 2;
                    self.substitution()?;
                    word.literal = false;
                }
                _ => self.piece(byte, &mut word)?,
            }
        }
        if self.at == word.start {
            return Err(Invalid);
        }
        word.end = self.at;
        Ok(word)
    }

    fn piece(&mut self, byte: u8, word: &mut Word) -> Result<(), Invalid> {
        match byte {
            b'\\' => {
                self.at += 1;
                if let Some(char) = self.char().filter(|char| *char != '\n') {
                    word.text.push(char);
                }
            }
            b'\'' => {
                self.at += 1;
                word.text.push_str(self.up_to('\'')?);
            }
            b'"' => self.double(word)?,
            b'$' => self.dollar(word)?,
            b'`' => self.backticks(word)?,
            b'{' => self.brace(word),
            b'*' | b'?' | b'[' => {
                word.literal = false;
                word.text.extend(self.char());
            }
            _ => word.text.extend(self.char()),
        }
        Ok(())
    }

    fn double(&mut self, word: &mut Word) -> Result<(), Invalid> {
        self.at += 1;
        loop {
            match self.peek().ok_or(Invalid)? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    match self.char().ok_or(Invalid)? {
                        '\n' => {}
                        char @ ('"' | '$' | '`' | '\\') => word.text.push(char),
                        char => word.text.extend(['\\', char]),
                    }
                }
                b'$' if self.rest().starts_with("$\"") => word.text.extend(self.char()),
                b'$' => self.dollar(word)?,
                b'`' => self.backticks(word)?,
                _ => word.text.extend(self.char()),
            }
        }
    }

    fn dollar(&mut self, word: &mut Word) -> Result<(), Invalid> {
        let rest = self.rest();
        let next = rest.as_bytes().get(1).copied();
        match next {
            Some(b'(') => self.dollar_bracket(word)?,
            Some(b'{') => {
                let end = self.braced(self.at + 2)?;
                word.text.push_str(&self.text[self.at..end]);
                word.literal = false;
                self.at = end;
            }
            Some(b'\'') => {
                self.at += 2;
                word.text.push_str(self.ansi_quoted()?);
            }
            Some(b'"') => self.at += 1,
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let name = &rest[1..];
                let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
                word.text.push_str("${");
                word.text.push_str(&name[..end]);
                word.text.push('}');
                word.literal = false;
                self.at += 1 + end;
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                word.text.push_str("${");
                word.text.push(char::from(byte));
                word.text.push('}');
                word.literal = false;
                self.at += 2;
            }
            _ => {
                word.text.push('$');
                self.at += 1;
            }
        }
        Ok(())
    }

    fn dollar_bracket(&mut self, word: &mut Word) -> Result<(), Invalid> {
        word.literal = false;
        self.at += 1;
        if self.rest().starts_with("((") && self.arithmetic().is_ok() {
            word.text.push_str("${VAR}");
            return Ok(());
        }
        self.at += 1;
        let first = self.found.list.len();
        let pipes = self.found.pipes.len();
        self.substitution()?;
        word.text.push_str("${");
        // Only a lone command has words that can be shown.
        if let [command, ..] = &self.found.list[first..]
            && self.found.pipes.len() == pipes
        {
            command.words.iter().for_each(|inner| word.text.push_str(&inner.text));
        }
        word.text.push('}');
        Ok(())
    }

    /// Returns where a `${` ends whose inside begins at `from`, and reads the commands inside of it.
    fn braced(&mut self, from: usize) -> Result<usize, Invalid> {
        let start = self.at;
        self.at = from;
        let mut inner = Word::default();
        loop {
            match self.peek().ok_or(Invalid)? {
                b'}' => break,
                byte @ (b'\\' | b'\'' | b'"' | b'$' | b'`') => self.piece(byte, &mut inner)?,
                _ => drop(self.char()),
            }
        }
        let end = self.at + 1;
        self.at = start;
        Ok(end)
    }

    fn backticks(&mut self, word: &mut Word) -> Result<(), Invalid> {
        self.at += 1;
        let mut inner = String::new();
        loop {
            match self.char().ok_or(Invalid)? {
                '`' => break,
                '\\' => match self.char().ok_or(Invalid)? {
                    char @ ('`' | '\\' | '$') => inner.push(char),
                    char => inner.extend(['\\', char]),
                },
                char => inner.push(char),
            }
        }
        let mut nested = Reader::new(&inner, self.depth() + 1).script()?;
        // Offsets inside of backticks are not those of the text; the words keep the place of the whole.
        for piece in nested.list.iter_mut().flat_map(|command| &mut command.words) {
            (piece.start, piece.end) = (word.start, self.at);
        }
        self.found.list.append(&mut nested.list);
        self.found.pipes.extend(nested.pipes.iter().map(|_| word.start));
        word.text.push_str("${VAR}");
        word.literal = false;
        Ok(())
    }

    /// Reads `{a,b}` and `{1..9}`, whose words have no text; any other brace is a character.
    fn brace(&mut self, word: &mut Word) {
        let rest = self.rest();
        let end = rest.find([' ', '\t', '\n', ';', '&', '|', '(', ')', '\'', '"', '$', '`', '}']);
        let expansion = end.filter(|end| rest.as_bytes()[*end] == b'}').map(|end| &rest[..=end]);
        match expansion.filter(|text| text.contains(',') || text.contains("..")) {
            Some(text) => {
                self.at += text.len();
                word.literal = false;
            }
            None => word.text.extend(self.char()),
        }
    }

    fn ansi_quoted(&mut self) -> Result<&str, Invalid> {
        let start = self.at;
        loop {
            match self.char().ok_or(Invalid)? {
                '\'' => return Ok(&self.text[start..self.at - 1]),
                '\\' => drop(self.char()),
                _ => {}
            }
        }
    }

    fn up_to(&mut self, end: char) -> Result<&str, Invalid> {
        let start = self.at;
        let length = self.rest().find(end).ok_or(Invalid)?;
        self.at += length + 1;
        Ok(&self.text[start..start + length])
    }

    fn char(&mut self) -> Option<char> {
        let char = self.rest().chars().next()?;
        self.at += char.len_utf8();
        Some(char)
    }
}
