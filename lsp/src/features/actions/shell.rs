//! The shell text of a RUN as it stands in the file: words and operators with their places, comments aside.
//!
//! Refactorings change the file, not the joined text, hence read it with its continuations. What cannot be read
//! with certainty is not changed: then there is no [`Shell`].

use std::ops::Range;

use containr_dockerfile::syntax::{Command, Escape, Instruction, Kind, Run};
use containr_dockerfile::{Parsed, Span};

/// Is a shell text in the file.
pub(super) struct Shell<'a> {
    file: &'a str,
    pub(super) tokens: Vec<Token>,
    /// The comment lines inside, which the builder drops.
    pub(super) comments: Vec<Range<usize>>,
}

/// Is a word or an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Offsets in the file.
    pub(super) range: Range<usize>,
    /// How many groups, conditions and loops stand around it.
    pub(super) depth: usize,
}

/// Is the kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word, a redirection's sign included.
    Word,
    /// `&&`
    And,
    /// `|` and `|&`, which bind closer than `&&`.
    Pipe,
    /// `||`, `;`, `;;` and `&`.
    Other,
    /// A parenthesis.
    Paren,
}

impl<'a> Shell<'a> {
    /// Reads the text of a RUN in the shell form without heredocs.
    ///
    /// Gives nothing where quotes or groups do not match, where a comment of the shell ends the text, and where the
    /// escape character is not the shell's.
    pub(super) fn of(parsed: &'a Parsed, run: &Run) -> Option<Self> {
        let Command::Shell(text) = &run.command else { return None };
        if !run.heredocs.is_empty() || text.value.trim().is_empty() || parsed.escape() != Escape::Backslash {
            return None;
        }
        let file = parsed.text();
        let Span { start, end } = text.span;
        let reader = Reader::new(file, start as usize, end as usize);
        let (tokens, comments) = reader.read()?;
        Some(Self { file, tokens, comments })
    }

    /// Returns the text of a token without continuations.
    pub(super) fn text(&self, token: &Token) -> String {
        unfold(&self.file[token.range.clone()])
    }

    /// Returns the simple commands, each as its words.
    pub(super) fn commands(&self) -> impl Iterator<Item = Vec<&Token>> {
        let groups = self.tokens.split(|token| token.kind != TokenKind::Word);
        groups.filter(|group| !group.is_empty()).map(|group| group.iter().collect())
    }

    /// Returns the operators outside of every group.
    pub(super) fn operators(&self) -> impl Iterator<Item = &Token> {
        let parts = |token: &&Token| !matches!(token.kind, TokenKind::Word | TokenKind::Paren);
        self.tokens.iter().filter(|token| token.depth == 0).filter(parts)
    }

    /// Returns where each part between the outer `&&` stands; nothing where other operators part commands.
    pub(super) fn chain(&self) -> Option<Vec<Range<usize>>> {
        if self.operators().any(|token| token.kind == TokenKind::Other) {
            return None;
        }
        let parts = self.tokens.split(|token| token.depth == 0 && token.kind == TokenKind::And);
        parts.map(|part| Some(part.first()?.range.start..part.last()?.range.end)).collect()
    }

    /// Tells whether a part changes the shell itself, so that what follows needs it in the same shell.
    pub(super) fn is_stateful(&self, part: &Range<usize>) -> bool {
        const STATEFUL: [&str; 20] = [
            "cd", "pushd", "popd", "export", "set", "unset", "source", ".", "umask", "alias", "trap", "shopt", "eval",
            "read", "declare", "local", "readonly", "ulimit", "exec", "function",
        ];
        let mut inside = self.tokens.iter().filter(|token| part.contains(&token.range.start));
        let heads = self.commands().filter_map(|words| words.first().copied());
        let heads: Vec<Range<usize>> = heads.map(|word| word.range.clone()).collect();
        inside.any(|token| {
            let text = self.text(token);
            let head = token.kind == TokenKind::Word && heads.contains(&token.range);
            head && (STATEFUL.contains(&text.as_str()) || is_assignment(&text) || text.ends_with("()"))
        })
    }
}

/// Returns the RUN that is an instruction.
pub(super) fn run_of(instruction: &Instruction) -> Option<&Run> {
    match &instruction.kind {
        Kind::Run(run) => Some(run),
        _ => None,
    }
}

/// Removes continuations, and the comment and empty lines after them.
pub(super) fn unfold(text: &str) -> String {
    let mut joined = String::new();
    for (index, line) in text.split('\n').enumerate() {
        let skipped = index > 0 && (line.trim().is_empty() || line.trim_start().starts_with('#'));
        if !skipped {
            joined
                .push_str(line.trim_end_matches('\r').trim_end_matches([' ', '\t']).strip_suffix('\\').unwrap_or(line));
        }
    }
    joined
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| {
        name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Is what must be closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Paren,
    Brace,
    If,
    Case,
    Loop,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    tokens: Vec<Token>,
    comments: Vec<Range<usize>>,
    groups: Vec<Group>,
    /// Whether the next word names a command.
    head: bool,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, at: usize, end: usize) -> Self {
        let (tokens, comments, groups) = (Vec::new(), Vec::new(), Vec::new());
        Self { bytes: file.as_bytes(), at, end, tokens, comments, groups, head: true }
    }

    fn read(mut self) -> Option<(Vec<Token>, Vec<Range<usize>>)> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' => return None,
                b'\\' if self.continuation() => {}
                b'#' => return None,
                b'&' | b'|' | b';' | b'(' | b')' => self.operator()?,
                _ => self.word()?,
            }
        }
        self.groups.is_empty().then_some((self.tokens, self.comments))
    }

    fn peek(&self) -> Option<u8> {
        (self.at < self.end).then(|| self.bytes[self.at])
    }

    /// Moves over a continuation with the comment and empty lines after it; tells whether there was one.
    fn continuation(&mut self) -> bool {
        let mut at = self.at + 1;
        while at < self.end && matches!(self.bytes[at], b' ' | b'\t' | b'\r') {
            at += 1;
        }
        if at < self.end && self.bytes[at] != b'\n' {
            return false;
        }
        self.at = (at + 1).min(self.end);
        while let Some(length) = self.dropped_line() {
            self.at += length;
        }
        true
    }

    /// Returns the length of the line at the cursor if the builder drops it.
    fn dropped_line(&mut self) -> Option<usize> {
        let rest = &self.bytes[self.at..self.end];
        let length = rest.iter().position(|byte| *byte == b'\n').map(|index| index + 1)?;
        let content = rest[..length].trim_ascii();
        if content.starts_with(b"#") {
            let start = self.at + rest.iter().position(|byte| *byte == b'#').unwrap_or(0);
            self.comments.push(start..start + content.len());
        }
        (content.is_empty() || content.starts_with(b"#")).then_some(length)
    }

    fn operator(&mut self) -> Option<()> {
        let start = self.at;
        let byte = self.bytes[start];
        let next = self.bytes.get(start + 1).copied().filter(|_| start + 1 < self.end);
        let (kind, length) = match (byte, next) {
            (b'(', _) => return self.open(),
            (b')', _) => return self.close(),
            (b'&', Some(b'&')) => (TokenKind::And, 2),
            // `&>` begins a redirection.
            (b'&', Some(b'>')) => return self.word(),
            (b'|', Some(b'&')) => (TokenKind::Pipe, 2),
            (b'|', Some(b'|')) | (b';', Some(b';')) => (TokenKind::Other, 2),
            (b'|', _) => (TokenKind::Pipe, 1),
            _ => (TokenKind::Other, 1),
        };
        self.at += length;
        self.push(kind, start);
        self.head = true;
        Some(())
    }

    fn open(&mut self) -> Option<()> {
        self.at += 1;
        if self.bytes.get(self.at) == Some(&b')') {
            // A function's definition changes the shell and is left alone.
            return None;
        }
        self.push(TokenKind::Paren, self.at - 1);
        self.groups.push(Group::Paren);
        self.head = true;
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        self.at += 1;
        self.head = true;
        match self.groups.last()? {
            Group::Paren => drop(self.groups.pop()),
            // The end of a pattern.
            Group::Case => {}
            _ => return None,
        }
        self.push(TokenKind::Paren, self.at - 1);
        Some(())
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, range: start..self.at, depth: self.groups.len() });
    }

    fn word(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b'|' | b';' | b'(' | b')' => break,
                // `2>&1` and `&>file` are one word.
                b'&' if self.at > start && self.bytes[self.at - 1] != b'>' => break,
                b'\\' => {
                    let before = self.at;
                    if self.continuation() {
                        if self.peek().is_none_or(|byte| byte.is_ascii_whitespace()) {
                            self.finish_word(start, before);
                            return Some(());
                        }
                    } else {
                        self.at = (self.at + 2).min(self.end);
                    }
                }
                b'\'' | b'"' | b'`' => self.quoted(byte)?,
                b'$' => self.substitution()?,
                _ => self.at += 1,
            }
        }
        self.finish_word(start, self.at);
        Some(())
    }

    fn finish_word(&mut self, start: usize, end: usize) {
        let after = std::mem::replace(&mut self.at, end);
        let word = &self.bytes[start..end];
        let depth_before = self.groups.len();
        let keyword = self.head && self.keyword(word);
        self.push(TokenKind::Word, start);
        if let Some(token) = self.tokens.last_mut() {
            token.depth = depth_before.max(self.groups.len());
        }
        self.head = keyword;
        self.at = after.max(end);
    }

    /// Follows what opens and closes groups; tells whether a command's name follows.
    fn keyword(&mut self, word: &[u8]) -> bool {
        let (open, close) = match word {
            b"{" => (Some(Group::Brace), None),
            b"if" => (Some(Group::If), None),
            b"case" => (Some(Group::Case), None),
            b"for" | b"while" | b"until" | b"select" => (Some(Group::Loop), None),
            b"}" => (None, Some(Group::Brace)),
            b"fi" => (None, Some(Group::If)),
            b"esac" => (None, Some(Group::Case)),
            b"done" => (None, Some(Group::Loop)),
            b"then" | b"else" | b"elif" | b"do" | b"!" | b"time" => return true,
            _ => return false,
        };
        self.groups.extend(open);
        if close.is_some() && self.groups.last() == close.as_ref() {
            self.groups.pop();
        }
        matches!(word, b"{" | b"if" | b"while" | b"until")
    }

    /// Moves over quotes and what they hold.
    fn quoted(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                byte if byte == quote => break,
                b'\\' if quote != b'\'' => self.at += 2,
                b'\\' if self.continuation() => {}
                b'$' if quote == b'"' => self.substitution()?,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    /// Moves over `$name`, `${...}` and `$(...)`.
    fn substitution(&mut self) -> Option<()> {
        self.at += 1;
        let (open, close) = match self.peek() {
            Some(b'{') => (b'{', b'}'),
            Some(b'(') => (b'(', b')'),
            _ => return Some(()),
        };
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                byte if byte == open => depth += 1,
                byte if byte == close => depth -= 1,
                byte @ (b'\'' | b'"' | b'`') => {
                    self.quoted(byte)?;
                    continue;
                }
                b'\\' => self.at += 1,
                // A pattern of `case` inside would end the substitution too early.
                b'c' if open == b'(' && self.bytes[self.at..self.end].starts_with(b"case ") => return None,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<Vec<String>> {
        let parsed = containr_dockerfile::parse(format!("FROM a\nRUN {text}\n").as_bytes());
        let run = run_of(&parsed.syntax().stages[0].instructions[0]).unwrap().clone();
        let shell = Shell::of(&parsed, &run)?;
        Some(shell.chain()?.into_iter().map(|part| unfold(&parsed.text()[part])).collect())
    }

    #[test]
    fn a_chain_is_parted_outside_of_groups_and_quotes() {
        let list = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(parts("a && b c && d"), list(&["a", "b c", "d"]));
        assert_eq!(parts("a '&&' && (b && c)"), list(&["a '&&'", "(b && c)"]));
        assert_eq!(parts("if a && b; then c; fi && d"), list(&["if a && b; then c; fi", "d"]));
        assert_eq!(parts("a $(b && c) && d >x 2>&1"), list(&["a $(b && c)", "d >x 2>&1"]));
        assert_eq!(parts("a \\\n  # note\n && b"), list(&["a", "b"]));
        assert_eq!(parts("case $x in a) b && c;; esac && d"), list(&["case $x in a) b && c;; esac", "d"]));
    }

    #[test]
    fn what_is_not_certain_is_left_alone() {
        for text in ["a || b", "a; b", "a &", "a 'b", "a $(b", "(a", "a # b", "f() { a; }", "a `b"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
