//! Blanks, comments, line breaks with the bodies of heredocs, and reserved words.

use super::cursor::{Cursor, Read};

/// Tells whether a character separates words on a line; unicode has blanks that no shell takes for one.
pub(super) fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\u{a0}' | '\u{2002}'..='\u{2009}' | '\u{200b}' | '\u{202f}')
}

/// The words that no command begins with.
const CLOSING: [&str; 7] = ["then", "else", "elif", "fi", "do", "done", "esac"];

impl Cursor<'_> {
    /// Skips blanks, continuations and a comment; tells whether there were blanks.
    pub(super) fn blanks(&mut self) -> bool {
        let start = self.at;
        let mut blank = false;
        loop {
            blank |= !self.all(is_blank).is_empty();
            if !self.starts("\\\n") {
                break;
            }
            self.at += 2;
            blank |= !self.all(is_blank).is_empty();
            if self.peek() == Some('#') {
                let comment = self.all(|char| !matches!(char, '\r' | '\n'));
                if comment.ends_with('\\') {
                    self.problem(1143);
                }
            }
        }
        if self.peek() == Some('#') {
            self.all(|char| !matches!(char, '\r' | '\n'));
        }
        blank && self.at > start
    }

    /// Skips blanks and line breaks; tells whether there were any.
    pub(super) fn all_blanks(&mut self) -> Read<Blanks> {
        let mut found = Blanks { any: self.blanks(), line_break: false };
        while self.optional(Self::line_break)?.is_some() {
            self.blanks();
            found = Blanks { any: true, line_break: true };
        }
        Ok(found)
    }

    /// Takes a line break with the bodies of the heredocs that were begun before it.
    pub(super) fn line_break(&mut self) -> Read {
        self.exactly("\n")?;
        for (name, tabs) in std::mem::take(&mut self.heredocs) {
            self.heredoc_body(&name, tabs)?;
        }
        Ok(())
    }

    fn heredoc_body(&mut self, name: &str, tabs: bool) -> Read {
        while self.at < self.text.len() {
            let line = self.rest().split('\n').next().unwrap_or_default();
            let shown = if tabs { line.trim_start_matches('\t') } else { line };
            self.at += line.len();
            if shown == name {
                // The line break behind the delimiter is one of the script's.
                if self.starts("\n") {
                    self.at += 1;
                }
                return Ok(());
            }
            if self.starts("\n") {
                self.at += 1;
            }
        }
        self.give_up()
    }

    /// Takes line breaks, at least one.
    pub(super) fn line_breaks(&mut self) -> Read {
        self.line_break()?;
        self.blanks();
        while self.optional(Self::line_break)?.is_some() {
            self.blanks();
        }
        if matches!(self.peek(), Some('|' | '&')) && !self.starts("&>") {
            self.problem(1133);
        }
        Ok(())
    }

    /// Takes an operator and the blanks behind it, or nothing.
    pub(super) fn token(&mut self, text: &str) -> Read {
        self.exactly(text)?;
        self.blanks();
        Ok(())
    }

    /// Takes a single semicolon.
    pub(super) fn semicolon(&mut self) -> Read {
        self.not(|cursor| cursor.exactly(";;"))?;
        self.token(";")
    }

    /// Takes a reserved word and the blanks behind it, or nothing; one in capitals is told and not taken.
    pub(super) fn keyword(&mut self, word: &str) -> Read {
        let start = self.at;
        let Some(written) = self.rest().get(..word.len()).filter(|text| text.eq_ignore_ascii_case(word)) else {
            return self.fail();
        };
        self.at += word.len();
        let glued = match self.peek() {
            Some('[') => Some(1069),
            Some('#') => Some(1099),
            Some('!') => Some(1129),
            Some(':') => Some(1130),
            _ => None,
        };
        if let Some(code) = glued {
            self.problem(code);
        }
        let ends = match self.peek() {
            None => true,
            Some(char) => is_blank(char) || ";()[<>&|\n".contains(char) || self.starts("\\\n"),
        };
        if !ends || written != word {
            if ends {
                self.problem_at(1081, start, start);
            }
            let failed = self.fail();
            self.at = start;
            return failed;
        }
        self.blanks();
        Ok(())
    }

    /// Takes a word or operator that ends something.
    pub(super) fn closing(&mut self) -> Read {
        for word in CLOSING {
            if self.optional(|cursor| cursor.keyword(word))?.is_some() {
                return Ok(());
            }
        }
        if self.optional(|cursor| cursor.exactly("}"))?.is_some() {
            return Ok(());
        }
        if self.optional(|cursor| cursor.token(")"))?.is_some() {
            return Ok(());
        }
        self.token(";;")
    }
}

/// Says what blanks there were.
#[derive(Clone, Copy)]
pub(super) struct Blanks {
    pub(super) any: bool,
    pub(super) line_break: bool,
}
