//! Redirections and assignments.

use super::cursor::{Cursor, Read};

impl Cursor<'_> {
    /// Reads a redirection with the blanks behind it.
    pub(super) fn redirection(&mut self) -> Read {
        self.attempt(|cursor| {
            if !cursor.starts("&") {
                if cursor.optional(|cursor| cursor.attempt(Self::braced_name))?.is_none() {
                    cursor.all(|char| char.is_ascii_digit());
                }
            } else {
                cursor.at += 1;
            }
            cursor.ahead(|cursor| if cursor.starts("<<") { Ok(()) } else { cursor.operator() })
        })?;
        if self.starts("<<<") {
            self.token("<<<")?;
            self.word()?;
        } else if self.starts("<<") {
            self.heredoc()?;
        } else if self.optional(|cursor| cursor.attempt(Self::duplicate))?.is_none() {
            self.operator()?;
            self.blanks();
            self.word()?;
        }
        self.blanks();
        Ok(())
    }

    /// Takes the operator of a redirection.
    fn operator(&mut self) -> Read {
        for operator in [">>", "<>", ">&", "<&", ">|"] {
            if self.starts(operator) {
                return self.token(operator);
            }
        }
        if self.starts("<(") || self.starts(">(") {
            return self.fail();
        }
        self.one(|char| matches!(char, '<' | '>')).map(drop)
    }

    fn duplicate(&mut self) -> Read {
        if !self.starts(">&") && !self.starts("<&") {
            return self.fail();
        }
        self.at += 2;
        self.blanks();
        if self.optional(|cursor| cursor.attempt(Self::braced_name))?.is_some() {
            return Ok(());
        }
        let digits = self.all(|char| char.is_ascii_digit());
        if self.optional(|cursor| cursor.exactly("-"))?.is_none() && digits.is_empty() {
            return self.fail();
        }
        Ok(())
    }

    fn braced_name(&mut self) -> Read {
        self.exactly("{")?;
        self.name()?;
        self.exactly("}")
    }

    fn heredoc(&mut self) -> Read {
        let start = self.at;
        self.at += 2;
        let tabs = self.optional(|cursor| cursor.exactly("-"))?.is_some();
        self.blanks();
        if self.starts("(") {
            self.problem_at(1038, start, start);
        }
        let from = self.at;
        self.silently(Self::word)?;
        let name = self.text[from..self.at].replace(['\\', '"', '\''], "");
        self.heredocs.push((name, tabs));
        Ok(())
    }

    /// Reads `name=value` where a command may begin with it.
    pub(super) fn assignment(&mut self, kind: Assignment) -> Read {
        let name = self.attempt(|cursor| cursor.assigned(kind))?;
        let start = self.at;
        let blank = self.blanks();
        let ends = self.peek().is_none_or(|char| "\r\n;&|)".contains(char));
        if blank || ends {
            if name != "IFS" && blank && !ends {
                self.problem_at(1007, start, self.at);
            }
            return Ok(());
        }
        if self.starts("=") {
            self.problem(1097);
        }
        if self.peek() == Some('(') {
            self.deeper(Self::array)?;
        } else {
            self.word()?;
        }
        self.blanks();
        Ok(())
    }

    /// Reads the name with its index and the sign; returns the name.
    fn assigned(&mut self, kind: Assignment) -> Read<String> {
        let start = self.at;
        let dollar = kind == Assignment::First && self.optional(|cursor| cursor.exactly("$"))?.is_some();
        let from = self.at;
        self.name()?;
        let name = self.text[from..self.at].to_owned();
        self.many(|cursor| cursor.deeper(Self::index))?;
        let blank = self.blanks();
        if self.starts("===") {
            return self.fail();
        }
        if self.optional(|cursor| cursor.exactly("+="))?.is_none() {
            self.exactly("=")?;
        }
        if dollar || blank {
            let array = self.rest().trim_start_matches([' ', '\t']).starts_with('(');
            if dollar && array {
                self.problem_at(1066, start, from);
            }
            return self.fail();
        }
        Ok(name)
    }

    /// Reads the elements of an array in their brackets.
    fn array(&mut self) -> Read {
        let start = self.at;
        self.exactly("(")?;
        if self.starts("(") {
            self.problem_at(1116, start, start);
        }
        self.all_blanks()?;
        while !self.starts(")") && self.peek().is_some() {
            if self.optional(|cursor| cursor.deeper(Self::element))?.is_none() {
                break;
            }
            self.all_blanks()?;
        }
        self.exactly(")")
    }

    fn element(&mut self) -> Read {
        let indexed = self.optional(|cursor| {
            cursor.attempt(|cursor| {
                cursor.index()?;
                cursor.many(Self::index)?;
                cursor.exactly("=")
            })
        })?;
        let value =
            self.optional(|cursor| if cursor.peek() == Some('(') { cursor.array() } else { cursor.word().map(drop) })?;
        if indexed.is_none() && value.is_none() { self.fail() } else { Ok(()) }
    }
}

/// Says where an assignment stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Assignment {
    /// Before the name of a command, or instead of it.
    First,
    /// Among the words of `export` and its like.
    Argument,
}
