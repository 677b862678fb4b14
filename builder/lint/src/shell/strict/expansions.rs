//! What begins with a dollar sign, backticks and process substitutions.

use super::cursor::{Cursor, Read};

impl Cursor<'_> {
    /// Reads what a dollar sign outside of quotes begins; alone it is a character.
    pub(super) fn dollar(&mut self) -> Read {
        if self.optional(Self::expansion)?.is_some() {
            return Ok(());
        }
        if self.starts("$\"") {
            self.at += 2;
            self.deeper(Self::double_parts)?;
            return self.exactly("\"");
        }
        if self.starts("$'") {
            self.at += 2;
            return self.ansi_quoted();
        }
        self.exactly("$")
    }

    /// Reads what a dollar sign in double quotes begins.
    pub(super) fn quoted_dollar(&mut self) -> Read {
        if self.optional(Self::expansion)?.is_some() {
            return Ok(());
        }
        self.exactly("$")
    }

    fn ansi_quoted(&mut self) -> Read {
        loop {
            self.all(|char| !matches!(char, '\\' | '\''));
            if self.optional(|cursor| cursor.exactly("'"))?.is_some() {
                return Ok(());
            }
            self.exactly("\\")?;
            self.one(|_| true)?;
        }
    }

    /// Reads an expansion; fails without taking anything where there is none.
    pub(super) fn expansion(&mut self) -> Read {
        let rest = self.rest();
        if rest.starts_with("$((") {
            return self.ambiguous(1102, Self::dollar_arithmetic, Self::substitution);
        }
        if rest.starts_with("$(") {
            return self.substitution();
        }
        if rest.starts_with("$[") {
            self.at += 2;
            self.deeper(Self::arithmetic)?;
            return self.exactly("]");
        }
        if ["${ ", "${\t", "${\n", "${|"].iter().any(|start| rest.starts_with(start)) {
            self.at += 2;
            let _ = self.optional(|cursor| cursor.exactly("|"))?;
            self.deeper(Self::term)?;
            return self.exactly("}");
        }
        if rest.starts_with("${") {
            self.at += 2;
            self.deeper(Self::braced_parts)?;
            return self.exactly("}");
        }
        self.variable()
    }

    fn variable(&mut self) -> Read {
        let mut inner = self.rest().chars().skip(1);
        match inner.next() {
            Some(char) if char.is_ascii_digit() || "@*#?-$!".contains(char) => {
                if char.is_ascii_digit() && inner.next().is_some_and(|char| char.is_ascii_digit()) {
                    self.note_at(1037, self.at);
                }
                self.at += 2;
                Ok(())
            }
            Some(char) if char.is_ascii_alphabetic() || char == '_' => {
                let start = self.at;
                self.at += 1;
                self.name()?;
                if self.starts("[") {
                    self.note_at(1087, start);
                }
                Ok(())
            }
            _ => self.fail(),
        }
    }

    /// Reads a variable's name.
    pub(super) fn name(&mut self) -> Read {
        self.one(|char| char.is_ascii_alphabetic() || char == '_')?;
        self.all(|char| char.is_ascii_alphanumeric() || char == '_');
        Ok(())
    }

    /// Reads `$((...))`.
    fn dollar_arithmetic(&mut self) -> Read {
        self.exactly("$((")?;
        self.arithmetic()?;
        self.exactly(")")?;
        self.exactly(")")
    }

    /// Reads `$(...)`.
    fn substitution(&mut self) -> Read {
        self.exactly("$(")?;
        self.list_or_nothing()?;
        self.exactly(")")
    }

    /// Reads what is one thing or, failing that, another; where it is neither, it fails as the first.
    pub(super) fn ambiguous(
        &mut self,
        code: u16,
        expected: impl Fn(&mut Self) -> Read,
        other: impl Fn(&mut Self) -> Read,
    ) -> Read {
        let start = self.at;
        self.deeper(|cursor| {
            if cursor.optional(|cursor| cursor.attempt(&expected))?.is_some() {
                return Ok(());
            }
            if cursor.optional(|cursor| cursor.quietly(&other))?.is_some() {
                cursor.note_at(code, start);
                return Ok(());
            }
            expected(cursor)
        })
    }

    /// Reads what stands in `${...}`.
    fn braced_parts(&mut self) -> Read {
        loop {
            match self.peek() {
                None | Some('}') => return Ok(()),
                Some('\'') => self.single_quoted()?,
                Some('"') => self.double_quoted()?,
                Some('$') => self.dollar()?,
                Some('`') => self.backticks(false)?,
                Some('/' | ':' | '+' | '-' | '=' | '%') => {
                    self.all(|char| matches!(char, '/' | ':' | '+' | '-' | '=' | '%'));
                }
                Some('\\') => {
                    self.at += 1;
                    self.one(|_| true)?;
                }
                Some(_) => {
                    self.all(|char| !matches!(char, '}' | '"' | '$' | '`' | '\'' | '\\'));
                }
            }
        }
    }

    /// Reads a command in backticks; what is wrong inside does not matter outside.
    pub(super) fn backticks(&mut self, quoted: bool) -> Read {
        self.exactly("`")?;
        let start = self.at;
        let mut inner = String::new();
        loop {
            inner.push_str(self.all(|char| !matches!(char, '\\' | '`' | '\u{b4}')));
            match self.one(|_| true)? {
                '\\' => match self.one(|_| true)? {
                    '\n' => {}
                    '"' if quoted => inner.push('"'),
                    char @ ('$' | '`' | '\\') => inner.push(char),
                    char => inner.extend(['\\', char]),
                },
                _ => break,
            }
        }
        self.deeper(|cursor| {
            cursor.apart(&inner, start);
            Ok(())
        })
    }

    /// Reads `<(...)` or `>(...)`.
    pub(super) fn process(&mut self) -> Read {
        if !self.starts("<(") && !self.starts(">(") {
            return self.fail();
        }
        self.at += 2;
        self.list_or_nothing()?;
        self.all_blanks()?;
        self.exactly(")")
    }
}
