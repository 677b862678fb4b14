//! Tests: `[ ... ]` and `[[ ... ]]`.

use super::cursor::{Cursor, Read};
use super::words::Word;

/// Says which brackets a test stands in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Brackets {
    Single,
    Double,
}

impl Cursor<'_> {
    /// Reads a test with what may follow it.
    pub(super) fn test_command(&mut self) -> Read {
        self.test()?;
        self.many(Self::redirection)?;
        let start = self.at;
        let joined = ["-o", "-a", "or", "and"].into_iter().find(|word| self.starts(word));
        if let Some(word) = joined {
            self.problem_at(1139, start, start + word.len());
        }
        let keyword = self.follows(Self::closing);
        if self.follows(Self::word) && !keyword && joined.is_none() {
            self.problem_at(1140, start, start);
        }
        Ok(())
    }

    fn test(&mut self) -> Read {
        let start = self.at;
        let brackets = if self.starts("[[") { Brackets::Double } else { Brackets::Single };
        self.exactly(if brackets == Brackets::Double { "[[" } else { "[" })?;
        let inside = self.at;
        let blanks = self.all_blanks()?;
        if !blanks.any {
            self.problem_at(1035, start, inside);
        }
        if brackets == Brackets::Single && blanks.line_break {
            self.problem_at(1080, inside, inside);
        }
        if self.optional(|cursor| cursor.disjunction(brackets))?.is_none() && (!blanks.any || !self.starts("]")) {
            return self.fail();
        }
        self.test_end(start, brackets)
    }

    fn test_end(&mut self, start: usize, brackets: Brackets) -> Read {
        let end = self.at;
        let double = self.starts("]]");
        self.exactly(if double { "]]" } else { "]" })?;
        match (brackets, double) {
            (Brackets::Double, false) => self.problem_at(1033, end, end),
            (Brackets::Single, true) => self.problem_at(1034, start, start),
            _ => {}
        }
        self.blanks();
        Ok(())
    }

    /// Skips blanks and line breaks; where none are although some must be, that is told.
    fn test_blanks(&mut self, brackets: Brackets, needed: Needed) -> Read {
        let start = self.at;
        let blanks = self.all_blanks()?;
        if needed == Needed::Yes && !blanks.any {
            self.problem_at(1035, start, start);
        }
        if brackets == Brackets::Single && blanks.line_break {
            self.problem_at(1080, start, start);
        }
        Ok(())
    }

    fn disjunction(&mut self, brackets: Brackets) -> Read {
        self.deeper(|cursor| {
            cursor.conjunction(brackets)?;
            while cursor.optional(|cursor| cursor.joint(brackets, ["&&", "-a"]))?.is_some() {
                cursor.conjunction(brackets)?;
            }
            Ok(())
        })
    }

    fn conjunction(&mut self, brackets: Brackets) -> Read {
        self.negation(brackets)?;
        loop {
            self.no_arithmetic();
            if self.optional(|cursor| cursor.joint(brackets, ["||", "-o"]))?.is_none() {
                return Ok(());
            }
            self.negation(brackets)?;
        }
    }

    fn joint(&mut self, brackets: Brackets, [sign, word]: [&str; 2]) -> Read {
        if self.optional(|cursor| cursor.exactly(sign))?.is_some() {
            return self.test_blanks(brackets, Needed::No);
        }
        self.exactly(word)?;
        self.test_blanks(brackets, Needed::Yes)
    }

    /// Tells of an operator of arithmetic.
    fn no_arithmetic(&mut self) {
        if matches!(self.peek(), Some('+' | '*' | '/' | '%')) || self.starts("- ") {
            self.problem(1076);
        }
    }

    fn negation(&mut self, brackets: Brackets) -> Read {
        if self.optional(|cursor| cursor.exactly("!"))?.is_some() {
            self.test_blanks(brackets, Needed::Yes)?;
        }
        self.primary(brackets)?;
        self.test_blanks(brackets, Needed::No)
    }

    fn primary(&mut self, brackets: Brackets) -> Read {
        if self.escaped_sign("(").is_some() {
            return self.test_group(brackets);
        }
        if self.peek() == Some('-') && self.rest()[1..].starts_with(char::is_alphabetic) {
            self.at += 1;
            self.all(char::is_alphabetic);
            self.test_blanks(brackets, Needed::Yes)?;
            let start = self.at;
            if self.optional(|cursor| cursor.attempt(|cursor| cursor.operand_word(brackets)))?.is_none() {
                self.problem_at(1019, start, start);
                return self.fail();
            }
            return Ok(());
        }
        self.comparison(brackets)
    }

    fn test_group(&mut self, brackets: Brackets) -> Read {
        let blanks = if brackets == Brackets::Single { Needed::Yes } else { Needed::No };
        self.bracket("(", brackets)?;
        self.test_blanks(brackets, blanks)?;
        self.disjunction(brackets)?;
        self.bracket(")", brackets)?;
        self.test_blanks(brackets, blanks)
    }

    fn bracket(&mut self, sign: &str, brackets: Brackets) -> Read {
        let start = self.at;
        let Some(length) = self.escaped_sign(sign) else { return self.fail() };
        match brackets {
            Brackets::Single if length == 1 => self.problem_at(1028, start, start),
            Brackets::Double if length > 1 => self.problem_at(1029, start, start),
            _ => {}
        }
        self.at += length;
        Ok(())
    }

    /// Returns the length of a sign that follows, plain, in quotes or behind a backslash.
    fn escaped_sign(&self, sign: &str) -> Option<usize> {
        let rest = self.rest();
        for quote in ['\'', '"'] {
            if rest
                .strip_prefix(quote)
                .and_then(|rest| rest.strip_prefix(sign))
                .is_some_and(|rest| rest.starts_with(quote))
            {
                return Some(sign.len() + 2);
            }
        }
        let after = rest.strip_prefix('\\').unwrap_or(rest);
        after.starts_with(sign).then_some(rest.len() - after.len() + sign.len())
    }

    fn comparison(&mut self, brackets: Brackets) -> Read {
        if self.peek() == Some('[') {
            self.problem(1026);
        }
        let start = self.at;
        let word = self.operand_word(brackets)?;
        let at = self.at;
        self.no_arithmetic();
        let Some(length) = self.comparator() else {
            let signs = ["==", "!=", "<=", ">=", "=~", "=", "<", ">"];
            if word.last.as_deref().is_some_and(|text| signs.iter().any(|sign| text.ends_with(sign))) {
                self.problem_at(1108, start, at);
            }
            return Ok(());
        };
        let regex = self.starts("=~") || self.starts("~=");
        self.at += length;
        self.test_blanks(brackets, Needed::Yes)?;
        if regex {
            return self.regex();
        }
        if self.optional(|cursor| cursor.operand_word(brackets))?.is_none() {
            self.problem_at(1027, at, at);
            return self.fail();
        }
        Ok(())
    }

    /// Returns the length of a comparing operator that follows.
    fn comparator(&self) -> Option<usize> {
        let rest = self.rest();
        for quote in ["\\", "'", "\""] {
            let Some(after) = rest.strip_prefix(quote) else { continue };
            let length = operator(after)?;
            let end = if quote == "\\" { "" } else { quote };
            return after[length..].starts_with(end).then_some(quote.len() + length + end.len());
        }
        operator(rest)
    }

    fn operand_word(&mut self, brackets: Brackets) -> Read<Word> {
        self.not(|cursor| {
            cursor.blanks();
            cursor.exactly("]")
        })?;
        let word = self.word()?;
        let ends = |sign: char| word.last.as_deref().is_some_and(|text| text.ends_with(sign));
        let is_index = word.second_is.as_deref() == Some("[");
        if !is_index && ends(']') && !word.text.contains('[') {
            self.problem(1020);
            return self.fail();
        }
        if brackets == Brackets::Single && ends(')') {
            self.problem(1021);
            return self.fail();
        }
        self.blanks();
        Ok(word)
    }

    fn regex(&mut self) -> Read {
        self.deeper(Self::regex_part)?;
        self.many(|cursor| cursor.deeper(Self::regex_part))?;
        self.blanks();
        Ok(())
    }

    fn regex_part(&mut self) -> Read {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                self.many(|cursor| cursor.deeper(Self::regex_inside))?;
                self.exactly(")")
            }
            Some('\'') => self.single_quoted(),
            Some('"') => self.double_quoted(),
            Some('$') => self.dollar(),
            Some('|' | '?' | '*' | '@' | '!' | '+' | '{' | '}' | '[' | ']') => self.one(|_| true).map(drop),
            _ => self.literal("( ").map(drop),
        }
    }

    fn regex_inside(&mut self) -> Read {
        if self.peek() == Some(')') {
            return self.fail();
        }
        if self.optional(Self::regex_part)?.is_some() {
            return Ok(());
        }
        self.one(|char| !"'()\\\"$`".contains(char)).map(drop)
    }
}

/// Says whether blanks must be there.
#[derive(Clone, Copy, PartialEq)]
enum Needed {
    Yes,
    No,
}

fn operator(rest: &str) -> Option<usize> {
    if let Some(name) = rest.strip_prefix('-') {
        let length = name.find(|char: char| !char.is_alphabetic()).unwrap_or(name.len());
        return (length > 0 && !["a", "o"].contains(&&name[..length])).then_some(length + 1);
    }
    ["==", "!=", "<=", ">=", "=~", ">", "<", "="].into_iter().find(|sign| rest.starts_with(sign)).map(str::len)
}
