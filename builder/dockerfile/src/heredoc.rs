//! Finds heredoc words in a line: BuildKit's shell word splitting with an empty environment, and the form of `<<WORD`.

/// Is a word that opens a heredoc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opener {
    pub(crate) name: String,
    pub(crate) descriptor: Option<u32>,
    pub(crate) expand: bool,
    pub(crate) strip_tabs: bool,
    /// Byte offsets of the word in its line.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Says that quotes or braces of a word do not match.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unbalanced;

/// Returns the heredocs that a line opens, in order.
///
/// A line whose quotes do not match opens none, as with BuildKit.
pub(crate) fn openers(line: &str) -> Result<Vec<Opener>, Unbalanced> {
    let Ok(words) = split(line, Quotes::Keep, Escapes::Keep) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for word in words {
        if let Some(opener) = opener(&word.text)? {
            found.push(Opener { start: word.start, end: word.end, ..opener });
        }
    }
    Ok(found)
}

/// Reads one word as `[N]<<[-]WORD`; offsets are those of the whole word.
pub(crate) fn opener(word: &str) -> Result<Option<Opener>, Unbalanced> {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let Some(rest) = word[digits..].strip_prefix("<<") else { return Ok(None) };
    let (strip_tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let plain = split(rest, Quotes::Drop, Escapes::Drop)?;
    let [name] = plain.as_slice() else { return Ok(None) };
    let raw = split(rest, Quotes::Keep, Escapes::Drop)?;
    let [raw] = raw.as_slice() else { return Err(Unbalanced) };
    let quotes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'\'' | b'"')).count();
    Ok(Some(Opener {
        descriptor: (digits > 0).then(|| word[..digits].parse().unwrap_or(u32::MAX)),
        expand: quotes(&name.text) == quotes(&raw.text),
        strip_tabs,
        start: 0,
        end: word.len(),
        name: name.text.clone(),
    }))
}

/// Tells whether a text is one heredoc word and nothing else.
pub(crate) fn is_word(text: &str) -> bool {
    matches!(opener(text), Ok(Some(_)))
}

#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    Keep,
    Drop,
}

#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    Keep,
    Drop,
}

struct Word {
    text: String,
    start: usize,
    end: usize,
}

fn split(text: &str, quotes: Quotes, escapes: Escapes) -> Result<Vec<Word>, Unbalanced> {
    let mut splitter =
        Splitter { text, at: 0, quotes, escapes, words: Vec::new(), word: String::new(), start: 0, in_word: false };
    splitter.words()?;
    Ok(splitter.words)
}

/// Bounds the nesting of `${a:-${b:-...}}`; deeper texts open no heredoc.
const MAX_DEPTH: usize = 64;

struct Splitter<'a> {
    text: &'a str,
    at: usize,
    quotes: Quotes,
    escapes: Escapes,
    words: Vec<Word>,
    word: String,
    start: usize,
    in_word: bool,
}

impl Splitter<'_> {
    fn words(&mut self) -> Result<(), Unbalanced> {
        while let Some(char) = self.peek() {
            let from = self.at;
            let piece = match char {
                '$' => {
                    let text = self.dollar(0)?;
                    // Unlike other pieces, a substitution is split at its white space.
                    text.chars().for_each(|char| self.push_char(char, from));
                    continue;
                }
                '<' => self.angle(),
                '\'' => self.single()?,
                '"' => self.double(0)?,
                '\\' => {
                    self.next();
                    let mut piece = String::new();
                    if self.escapes == Escapes::Keep {
                        piece.push('\\');
                    }
                    piece.extend(self.next());
                    if piece.is_empty() {
                        break;
                    }
                    piece
                }
                _ => {
                    self.next();
                    self.push_char(char, from);
                    continue;
                }
            };
            self.push_raw(&piece, from);
        }
        self.flush(self.at);
        Ok(())
    }

    /// Reads up to `stop` inside a substitution.
    fn until(&mut self, stop: char, escapes: Escapes, depth: usize) -> Result<String, Unbalanced> {
        if depth > MAX_DEPTH {
            return Err(Unbalanced);
        }
        // BuildKit's splitter shares one buffer with the word around, which is hence lost.
        self.word.clear();
        let outer = std::mem::replace(&mut self.escapes, escapes);
        let mut text = String::new();
        while let Some(char) = self.peek() {
            match char {
                _ if char == stop => {
                    self.next();
                    self.escapes = outer;
                    return Ok(text);
                }
                '$' => text.push_str(&self.dollar(depth + 1)?),
                '<' => text.push_str(&self.angle()),
                '\'' => text.push_str(&self.single()?),
                '"' => text.push_str(&self.double(depth + 1)?),
                '\\' => {
                    self.next();
                    if self.escapes == Escapes::Keep {
                        text.push('\\');
                    }
                    text.extend(self.next());
                }
                _ => text.extend(self.next()),
            }
        }
        Err(Unbalanced)
    }

    fn dollar(&mut self, depth: usize) -> Result<String, Unbalanced> {
        self.next();
        if self.peek() != Some('{') {
            return Ok(format!("${}", self.name()));
        }
        self.next();
        if matches!(self.peek(), None | Some('{' | '}' | ':')) {
            return Err(Unbalanced);
        }
        let name = self.name();
        let mut modifier = String::new();
        let mut last = self.next().ok_or(Unbalanced)?;
        match last {
            '}' => return Ok(format!("${{{name}}}")),
            '/' => return self.replacement(&name, depth),
            ':' => {
                modifier.push(':');
                last = self.next().ok_or(Unbalanced)?;
                if matches!(last, '#' | '%') {
                    return Err(Unbalanced);
                }
            }
            '+' | '-' | '?' | '#' | '%' => {}
            _ => return Err(Unbalanced),
        }
        modifier.push(last);
        let escapes = if matches!(last, '#' | '%') { Escapes::Keep } else { Escapes::Drop };
        let word = self.until('}', escapes, depth)?;
        Ok(format!("${{{name}{modifier}{word}}}"))
    }

    fn replacement(&mut self, name: &str, depth: usize) -> Result<String, Unbalanced> {
        if self.peek() == Some('/') {
            self.next();
        }
        let pattern = self.until('/', Escapes::Keep, depth)?;
        let replacement = self.until('}', Escapes::Keep, depth)?;
        Ok(format!("${{{name}/{pattern}/{replacement}}}"))
    }

    fn name(&mut self) -> String {
        let rest = &self.text[self.at..];
        let end = match rest.chars().next() {
            Some(first) if first.is_ascii_digit() => rest.find(|c: char| !c.is_ascii_digit()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => Some(1),
            _ => rest.find(|c: char| !c.is_alphanumeric() && c != '_'),
        };
        let name = rest[..end.unwrap_or(rest.len())].to_owned();
        self.at += name.len();
        name
    }

    fn angle(&mut self) -> String {
        self.next();
        if self.peek() != Some('<') {
            return "<".to_owned();
        }
        self.next();
        let rest = &self.text[self.at..];
        let space = &rest[..rest.len() - rest.trim_start_matches(['\t', '\r', ' ']).len()];
        self.at += space.len();
        format!("<<{space}")
    }

    fn single(&mut self) -> Result<String, Unbalanced> {
        let rest = &self.text[self.at + 1..];
        let end = rest.find('\'').ok_or(Unbalanced)?;
        self.at += end + 2;
        Ok(match self.quotes {
            Quotes::Keep => format!("'{}'", &rest[..end]),
            Quotes::Drop => rest[..end].to_owned(),
        })
    }

    fn double(&mut self, depth: usize) -> Result<String, Unbalanced> {
        self.next();
        let mut text = String::new();
        if self.quotes == Quotes::Keep {
            text.push('"');
        }
        loop {
            match self.peek().ok_or(Unbalanced)? {
                '"' => break,
                '$' => text.push_str(&self.dollar(depth)?),
                '\\' => {
                    self.next();
                    if self.escapes == Escapes::Keep {
                        text.push('\\');
                    }
                    match self.peek() {
                        None => {}
                        Some('"' | '$' | '\\') => text.extend(self.next()),
                        Some(_) => text.push('\\'),
                    }
                }
                _ => text.extend(self.next()),
            }
        }
        self.next();
        if self.quotes == Quotes::Keep {
            text.push('"');
        }
        Ok(text)
    }

    fn push_char(&mut self, char: char, from: usize) {
        if !char.is_whitespace() {
            self.push_raw(char.encode_utf8(&mut [0; 4]), from);
        } else if self.in_word && !self.word.is_empty() {
            self.flush(from);
        }
    }

    fn push_raw(&mut self, piece: &str, from: usize) {
        if self.word.is_empty() {
            self.start = from;
        }
        self.word.push_str(piece);
        self.in_word = true;
    }

    fn flush(&mut self, end: usize) {
        if !self.word.is_empty() {
            self.words.push(Word { text: std::mem::take(&mut self.word), start: self.start, end });
        }
        self.in_word = false;
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }
}
