//! Compound commands: groups, loops, branches and functions.

use super::cursor::{Cursor, Read};

impl Cursor<'_> {
    /// Reads a compound command; fails without taking anything where none begins here.
    pub(super) fn clause(&mut self) -> Read {
        match self.peek() {
            Some('{') => return self.group(),
            Some('(') if self.starts("((") => return self.ambiguous(1105, Self::double_brackets, Self::subshell),
            Some('(') => return self.subshell(),
            _ => {}
        }
        if self.optional(|cursor| cursor.keyword("while"))?.is_some()
            || self.optional(|cursor| cursor.keyword("until"))?.is_some()
        {
            let loops = self.at;
            self.term()?;
            return self.loop_body(loops);
        }
        let start = self.at;
        if self.optional(|cursor| cursor.keyword("if"))?.is_some() {
            return self.branches(start);
        }
        if self.optional(|cursor| cursor.keyword("for"))?.is_some() {
            return self.iteration(start);
        }
        if self.optional(|cursor| cursor.keyword("select"))?.is_some() {
            return self.selection(start);
        }
        if self.optional(|cursor| cursor.keyword("case"))?.is_some() {
            return self.cases();
        }
        self.function()
    }

    fn double_brackets(&mut self) -> Read {
        self.exactly("((")?;
        self.arithmetic()?;
        self.exactly("))")?;
        self.blanks();
        Ok(())
    }

    fn subshell(&mut self) -> Read {
        self.exactly("(")?;
        self.term()?;
        self.all_blanks()?;
        self.exactly(")")?;
        self.blanks();
        Ok(())
    }

    fn group(&mut self) -> Read {
        self.exactly("{")?;
        if !self.all_blanks()?.any && self.peek().is_some_and(|char| char != '(') {
            self.problem(1054);
        }
        if self.starts("}") {
            self.problem(1055);
        }
        self.term()?;
        if self.optional(|cursor| cursor.exactly("}"))?.is_none() {
            self.problem(1056);
            return self.fail();
        }
        self.blanks();
        Ok(())
    }

    /// Takes a reserved word, or tells that it is missing.
    fn wanted(&mut self, word: &str, codes: &[(u16, usize)]) -> Read {
        if self.optional(|cursor| cursor.keyword(word))?.is_some() {
            return Ok(());
        }
        codes.iter().for_each(|(code, at)| self.problem_at(*code, *at, *at));
        self.fail()
    }

    /// Takes a semicolon that should not be there.
    fn no_semicolon(&mut self, code: u16) -> Read {
        let start = self.at;
        if self.optional(Self::semicolon)?.is_some() {
            self.problem_at(code, start, start);
        }
        Ok(())
    }

    fn loop_body(&mut self, loops: usize) -> Read {
        if self.follows(|cursor| cursor.keyword("done")) {
            self.problem_at(1057, loops, loops);
        }
        let start = self.at;
        self.wanted("do", &[(1058, start)])?;
        self.no_semicolon(1059)?;
        self.all_blanks()?;
        if self.follows(|cursor| cursor.keyword("done")) {
            self.problem_at(1060, start, start + 2);
        }
        self.term()?;
        let end = self.at;
        self.wanted("done", &[(1061, start), (1062, end)])?;
        if self.starts("<(") {
            self.problem(1142);
        }
        Ok(())
    }

    fn branches(&mut self, start: usize) -> Read {
        self.branch(start, 1051)?;
        loop {
            let at = self.at;
            if self.optional(|cursor| cursor.keyword("elif"))?.is_none() {
                break;
            }
            self.branch(at, 1052)?;
        }
        let at = self.at;
        if self.optional(|cursor| cursor.keyword("else"))?.is_some() {
            if self.follows(|cursor| cursor.keyword("if")) {
                self.problem_at(1075, at, at);
            }
            self.no_semicolon(1053)?;
            self.not_empty()?;
            self.term()?;
        }
        let end = self.at;
        self.wanted("fi", &[(1046, start), (1047, end)])
    }

    /// Reads a condition and what it leads to.
    fn branch(&mut self, start: usize, semicolon: u16) -> Read {
        self.term()?;
        if ["fi", "elif", "else"].iter().any(|word| self.follows(|cursor| cursor.keyword(word))) {
            self.problem_at(1049, start, start);
        }
        let at = self.at;
        let missing: &[(u16, usize)] = if semicolon == 1051 { &[(1050, at)] } else { &[] };
        self.wanted("then", missing)?;
        self.no_semicolon(semicolon)?;
        self.not_empty()?;
        self.term()
    }

    fn not_empty(&mut self) -> Read {
        self.all_blanks()?;
        if ["fi", "elif", "else"].iter().any(|word| self.follows(|cursor| cursor.keyword(word))) {
            self.problem(1048);
        }
        Ok(())
    }

    fn iteration(&mut self, start: usize) -> Read {
        self.blanks();
        if self.starts("(") {
            self.counted()?;
        } else {
            let dollar = self.at;
            if self.optional(|cursor| cursor.exactly("$"))?.is_some() {
                self.problem_at(1086, dollar, dollar);
            }
            self.name()?;
            self.all_blanks()?;
            if self.optional(Self::values)?.is_none() {
                let _ = self.optional(Self::sequential)?;
            }
        }
        if self.starts("{") { self.group() } else { self.loop_body(start) }
    }

    /// Reads `((a; b; c))` of a loop.
    fn counted(&mut self) -> Read {
        self.doubled("(")?;
        for index in 0..3 {
            if index > 0 {
                self.exactly(";")?;
                self.blanks();
            }
            self.arithmetic()?;
        }
        self.blanks();
        self.doubled(")")?;
        self.blanks();
        let _ = self.optional(Self::sequential)?;
        self.blanks();
        Ok(())
    }

    fn doubled(&mut self, sign: &str) -> Read {
        self.exactly(sign)?;
        let start = self.at;
        let blank = self.blanks();
        let end = self.at;
        if self.optional(|cursor| cursor.exactly(sign))?.is_none() {
            self.problem_at(1137, start, start);
            return self.fail();
        }
        if blank {
            self.problem_at(1138, start, end);
        }
        Ok(())
    }

    /// Takes what stands between the head of a loop and its body.
    fn sequential(&mut self) -> Read {
        if self.optional(Self::semicolon)?.is_some() {
            return self.optional(Self::line_breaks).map(drop);
        }
        self.line_breaks()
    }

    fn values(&mut self) -> Read {
        self.keyword("in")?;
        loop {
            let ends = self.peek().is_none()
                || self.follows(Self::semicolon)
                || self.starts("\n")
                || self.follows(|cursor| cursor.keyword("do"));
            let word = |cursor: &mut Self| {
                cursor.word()?;
                cursor.blanks();
                Ok(())
            };
            if ends || self.optional(word)?.is_none() {
                break;
            }
        }
        if self.follows(|cursor| cursor.keyword("do")) {
            return Ok(());
        }
        let _ = self.optional(Self::semicolon)?;
        self.all_blanks().map(drop)
    }

    fn selection(&mut self, start: usize) -> Read {
        self.blanks();
        self.name()?;
        self.blanks();
        if self.optional(Self::values)?.is_none() {
            self.sequential()?;
        }
        self.loop_body(start)
    }

    fn cases(&mut self) -> Read {
        self.word()?;
        self.all_blanks()?;
        self.keyword("in")?;
        let _ = self.optional(Self::line_breaks)?;
        self.many(Self::case)?;
        self.keyword("esac")
    }

    fn case(&mut self) -> Read {
        self.not(|cursor| cursor.keyword("esac"))?;
        let _ = self.optional(|cursor| cursor.token("("))?;
        self.blanks();
        loop {
            self.word_but(&["esac"])?;
            self.blanks();
            if self.optional(|cursor| cursor.exactly("|"))?.is_none() {
                break;
            }
            self.blanks();
        }
        if self.optional(|cursor| cursor.token(")"))?.is_none() {
            self.problem(1085);
            return self.fail();
        }
        let _ = self.optional(Self::line_breaks)?;
        if !self.follows(Self::case_end) {
            self.term()?;
        }
        if self.starts(")") {
            self.problem(1074);
        }
        self.case_end()?;
        self.optional(Self::line_breaks).map(drop)
    }

    /// Takes what ends a branch of `case`; the end of the whole ends it too and stays.
    pub(super) fn case_end(&mut self) -> Read {
        for end in [";;&", ";&", ";;"] {
            if self.starts(end) {
                return self.token(end);
            }
        }
        self.ahead(|cursor| {
            cursor.attempt(|cursor| {
                let _ = cursor.optional(Self::line_breaks)?;
                cursor.keyword("esac")
            })
        })
    }

    fn function(&mut self) -> Read {
        self.attempt(|cursor| {
            if cursor.starts("function ") || cursor.starts("function\t") {
                cursor.function_keyword()
            } else {
                cursor.function_name()
            }
        })?;
        self.all_blanks()?;
        if !self.starts("{") && !self.starts("(") {
            self.problem(1064);
        }
        if self.starts("{") { self.group() } else { self.subshell() }
    }

    fn function_name(&mut self) -> Read {
        let start = self.at;
        self.one(|char| char.is_ascii_alphanumeric() || "_:+?-./^@,".contains(char))?;
        self.all(|char| char.is_ascii_alphanumeric() || "_#:+?-./^@,".contains(char));
        if &self.text[start..self.at] == "time" {
            return self.fail();
        }
        self.blanks();
        self.parameters()
    }

    fn function_keyword(&mut self) -> Read {
        self.at += "function".len();
        self.blanks();
        let is_name = |char: char| char.is_ascii_alphanumeric() || "_:+?-./^@,[]*=!#".contains(char);
        self.one(is_name)?;
        self.all(is_name);
        let blank = self.blanks();
        let brackets = self.optional(Self::parameters)?.is_some();
        if !brackets && !blank && (self.starts("{") || self.starts("(")) {
            self.problem(1095);
        }
        Ok(())
    }

    fn parameters(&mut self) -> Read {
        self.token("(")?;
        if self.optional(|cursor| cursor.token(")"))?.is_some() {
            return Ok(());
        }
        self.problem(1065);
        self.all(|char| !matches!(char, '\n' | ')' | '{'));
        self.token(")")
    }
}
