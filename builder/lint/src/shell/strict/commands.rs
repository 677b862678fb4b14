//! Lists, pipelines and simple commands.

use super::cursor::{Cursor, Read};
use super::redirections::Assignment;
use super::words::Word;

impl Cursor<'_> {
    /// Reads a whole script; returns where it stops to be one, if it does.
    pub(super) fn script(&mut self) -> Read<Option<usize>> {
        self.list_or_nothing()?;
        if !self.heredocs.is_empty() {
            return self.give_up();
        }
        if self.at == self.text.len() {
            return Ok(None);
        }
        let code = if self.starts("(") {
            1088
        } else if self.follows(Self::closing) {
            1089
        } else {
            1070
        };
        self.problem(code);
        Ok(Some(self.at))
    }

    /// Reads commands, or nothing.
    pub(super) fn list_or_nothing(&mut self) -> Read {
        self.all_blanks()?;
        self.optional(Self::term).map(drop)
    }

    /// Reads commands, at least one, with what separates and ends them.
    pub(super) fn term(&mut self) -> Read {
        self.deeper(|cursor| {
            cursor.all_blanks()?;
            cursor.and_or()?;
            while cursor.optional(Self::separator)?.is_some() {
                if cursor.optional(Self::and_or)?.is_none() {
                    break;
                }
            }
            Ok(())
        })
    }

    fn separator(&mut self) -> Read {
        if self.optional(Self::separating_sign)?.is_some() {
            return self.optional(Self::line_breaks).map(drop);
        }
        self.line_breaks()
    }

    fn separating_sign(&mut self) -> Read {
        if self.starts("&&") || self.starts("&>") {
            return self.fail();
        }
        self.not(Self::case_end)?;
        let start = self.at;
        match self.one(|char| matches!(char, ';' | '&'))? {
            '&' => self.after_ampersand(start),
            _ => drop(self.blanks()),
        }
        Ok(())
    }

    fn after_ampersand(&mut self, start: usize) {
        if ["amp;", "gt;", "lt;"].iter().any(|name| self.starts(name)) {
            self.problem_at(1109, start, start);
        } else if self.peek().is_some_and(|char| char.is_ascii_alphabetic() || char == '_') {
            self.problem_at(1132, start, start);
        }
        self.blanks();
        if self.starts(";") && !self.starts(";;") {
            self.problem(1045);
            self.at += 1;
            self.blanks();
        }
    }

    fn and_or(&mut self) -> Read {
        self.pipeline()?;
        loop {
            let joined = self.optional(|cursor| cursor.token("&&"))?.is_some()
                || self.optional(|cursor| cursor.token("||"))?.is_some();
            if !joined {
                return Ok(());
            }
            let _ = self.optional(Self::line_breaks)?;
            self.pipeline()?;
        }
    }

    fn pipeline(&mut self) -> Read {
        self.not(Self::closing)?;
        loop {
            self.bangs();
            self.command()?;
            self.blanks();
            if !self.starts("|") || self.starts("||") {
                return Ok(());
            }
            self.at += 1;
            let _ = self.optional(|cursor| cursor.exactly("&"))?;
            self.blanks();
            let _ = self.optional(Self::line_breaks)?;
        }
    }

    fn bangs(&mut self) {
        while self.starts("!") {
            self.at += 1;
            if !self.blanks() {
                self.problem(1035);
            }
        }
    }

    fn command(&mut self) -> Read {
        self.deeper(|cursor| {
            if cursor.optional(Self::compound)?.is_some() {
                return Ok(());
            }
            if cursor.peek() == Some('[') {
                return cursor.test_command();
            }
            if cursor.optional(Self::coprocess)?.is_some() {
                return Ok(());
            }
            cursor.simple()
        })
    }

    /// Reads a compound command with its redirections, and tells what follows it on the line.
    fn compound(&mut self) -> Read {
        self.clause()?;
        self.many(Self::redirection)?;
        if self.follows(Self::closing) || self.follows(|cursor| cursor.keyword("{")) {
            return Ok(());
        }
        let start = self.at;
        let found = self.optional(|cursor| cursor.ahead(|cursor| cursor.word().map(|_| cursor.at)))?;
        if let Some(end) = found {
            self.problem_at(1141, start, end);
        }
        Ok(())
    }

    fn coprocess(&mut self) -> Read {
        let rest = self.rest();
        if !rest.strip_prefix("coproc").is_some_and(|rest| rest.starts_with([' ', '\t'])) {
            return self.fail();
        }
        self.at += "coproc".len();
        self.blanks();
        let named = self.optional(|cursor| {
            cursor.attempt(|cursor| {
                cursor.word()?;
                cursor.blanks();
                cursor.compound()
            })
        })?;
        if named.is_some() || self.optional(|cursor| cursor.attempt(Self::compound))?.is_some() {
            return Ok(());
        }
        self.simple()
    }

    fn simple(&mut self) -> Read {
        let prefix = self.many(|cursor| {
            if cursor.optional(Self::redirection)?.is_some() {
                return Ok(());
            }
            cursor.assignment(Assignment::First)
        })?;
        if self.starts("\\")
            && self.rest()[1..].starts_with(|char: char| char.is_ascii_alphanumeric() || "_:.".contains(char))
        {
            self.at += 1;
        }
        let start = self.at;
        let Some(name) = self.optional(Self::argument)? else {
            return if prefix == 0 { self.fail() } else { Ok(()) };
        };
        self.judge_name(&name, start);
        let text = if name.parts == 1 { name.first.as_deref().unwrap_or_default() } else { "" };
        self.arguments(text)
    }

    fn judge_name(&mut self, name: &Word, start: usize) {
        let first = name.first.as_deref().unwrap_or_default();
        let comment = (name.parts == 1 && first == "//") || (first == "/" && name.star_second);
        if comment {
            self.problem_at(1127, start, self.at);
        }
        let letters: String = first.chars().take_while(|char| char.is_alphabetic()).collect();
        if ["elsif", "elseif"].contains(&letters.to_lowercase().as_str()) {
            self.problem_at(1131, start, self.at);
        }
    }

    /// Reads a word and the blanks behind it.
    fn argument(&mut self) -> Read<Word> {
        let word = self.word()?;
        self.blanks();
        Ok(word)
    }

    fn arguments(&mut self, name: &str) -> Read {
        if name == "time" {
            while self.starts("-") {
                self.argument()?;
            }
            return self.optional(Self::pipeline).map(drop);
        }
        let declares = ["declare", "export", "local", "readonly", "typeset"].contains(&name);
        self.many(|cursor| {
            if cursor.optional(Self::redirection)?.is_some() {
                return Ok(());
            }
            if declares && cursor.optional(|cursor| cursor.assignment(Assignment::Argument))?.is_some() {
                return Ok(());
            }
            if cursor.optional(Self::argument)?.is_some() {
                return Ok(());
            }
            if name == "eval" && cursor.starts("(") {
                cursor.problem(1098);
            }
            cursor.fail()
        })?;
        Ok(())
    }
}
