//! Reads the JSON arrays of exec forms, with the place of every string.

use std::borrow::Cow;

use crate::words::Word;

/// Says why a text is not taken as an array of strings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotStrings {
    /// It is no valid JSON array, so it is a shell form.
    NotArray,
    /// It is a valid array that holds something else, at this range of the text.
    Other { start: usize, end: usize },
}

/// Bounds the nesting of values, as Go's decoder does.
const MAX_DEPTH: usize = 10_000;

/// Reads a text that may begin with white space as an array of strings.
pub(crate) fn strings(text: &str, base: usize) -> Result<Vec<Word<'_>>, NotStrings> {
    let front = text.trim_start();
    if !front.starts_with('[') {
        return Err(NotStrings::NotArray);
    }
    let mut reader = Reader { text: front, at: 0 };
    let base = base + text.len() - front.len();
    let mut words = Vec::new();
    let mut other = None;
    reader.array(base, &mut words, &mut other).ok_or(NotStrings::NotArray)?;
    match other {
        Some((start, end)) => Err(NotStrings::Other { start, end }),
        None => Ok(words),
    }
}

/// Returns a string member of a text that is one JSON object; of several with one name the last counts.
pub(crate) fn member(text: &str, name: &str) -> Option<String> {
    let mut reader = Reader { text, at: 0 };
    let mut found = None;
    reader.space();
    reader.take(b'{')?;
    reader.space();
    while reader.peek()? != b'}' {
        reader.space();
        let key = reader.string()?;
        reader.space();
        reader.take(b':')?;
        reader.space();
        let text = if reader.peek()? == b'"' { Some(reader.string()?) } else { reader.value().map(|()| None)? };
        if key == name {
            found = text.map(Cow::into_owned);
        }
        reader.space();
        if reader.take(b',').is_none() {
            break;
        }
        reader.space();
        // A comma promises a further member.
        (reader.peek()? == b'"').then_some(())?;
    }
    reader.take(b'}')?;
    reader.space();
    if reader.at == text.len() { found } else { None }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn array(&mut self, base: usize, words: &mut Vec<Word<'a>>, other: &mut Option<(usize, usize)>) -> Option<()> {
        self.take(b'[')?;
        self.space();
        if self.peek() != Some(b']') {
            loop {
                self.space();
                let start = self.at;
                if self.peek() == Some(b'"') {
                    let text = self.string()?;
                    words.push(Word { text, start: base + start, end: base + self.at });
                } else {
                    self.value()?;
                    other.get_or_insert((base + start, base + self.at));
                }
                self.space();
                if self.take(b',').is_none() {
                    break;
                }
            }
        }
        self.take(b']')?;
        self.space();
        (self.at == self.text.len()).then_some(())
    }

    /// Skips any value without recursion.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.space();
            match self.peek()? {
                b'[' | b'{' => {
                    let bracket = self.text.as_bytes()[self.at];
                    self.at += 1;
                    self.space();
                    if self.peek()? != bracket + 2 {
                        open.push(bracket);
                        if open.len() >= MAX_DEPTH {
                            return None;
                        }
                        if bracket == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                    self.at += 1;
                }
                b'"' => drop(self.string()?),
                b'-' | b'0'..=b'9' => self.number()?,
                _ => self.literal()?,
            }
            loop {
                let Some(&bracket) = open.last() else { return Some(()) };
                self.space();
                if self.take(b',').is_some() {
                    if bracket == b'{' {
                        self.key()?;
                    }
                    break;
                }
                self.take(bracket + 2)?;
                open.pop();
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        self.space();
        self.string()?;
        self.space();
        self.take(b':')
    }

    fn literal(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let word = ["null", "true", "false"].into_iter().find(|word| rest.starts_with(word))?;
        self.at += word.len();
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        // Go refuses numbers that a 64-bit float cannot hold.
        self.text[start..self.at].parse::<f64>().ok().filter(|number| number.is_finite()).map(drop)
    }

    fn digits(&mut self) -> Option<()> {
        let rest = &self.text[self.at..];
        let count = rest.len() - rest.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        self.at += count;
        (count > 0).then_some(())
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.take(b'"')?;
        let rest = &self.text[self.at..];
        let end = rest.find(|char: char| matches!(char, '"' | '\\') || char < ' ')?;
        if rest.as_bytes()[end] == b'"' {
            self.at += end + 1;
            return Some(Cow::Borrowed(&rest[..end]));
        }
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(|char: char| matches!(char, '"' | '\\') || char < ' ')?;
            text.push_str(&rest[..end]);
            self.at += end;
            if self.take(b'"').is_some() {
                return Some(Cow::Owned(text));
            }
            self.take(b'\\')?;
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return None,
        })
    }

    /// Reads the digits of `\u`; half a surrogate pair becomes U+FFFD.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after_first = self.at;
        if self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            }
            self.at = after_first;
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }
}
