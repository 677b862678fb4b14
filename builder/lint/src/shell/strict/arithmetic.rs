//! Arithmetic: operands with operators between them.

use super::cursor::{Cursor, Read};

/// Every operator between two operands, longer ones first.
const BETWEEN: [&str; 28] = [
    "<<=", ">>=", "**", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=",
    "<", ">", "=", "&", "|", "^", "*", "/", "%",
];

impl Cursor<'_> {
    /// Reads expressions with commas between them, or nothing.
    pub(super) fn arithmetic(&mut self) -> Read {
        self.arithmetic_blanks();
        if self.optional(Self::expression)?.is_none() {
            return Ok(());
        }
        while self.optional(|cursor| cursor.exactly(","))?.is_some() {
            self.arithmetic_blanks();
            self.expression()?;
        }
        Ok(())
    }

    fn arithmetic_blanks(&mut self) {
        loop {
            self.all(|char| super::spaces::is_blank(char) || matches!(char, '\n' | '\r'));
            if !self.starts("\\\n") {
                return;
            }
            self.at += 2;
        }
    }

    fn expression(&mut self) -> Read {
        self.deeper(|cursor| {
            cursor.operand()?;
            loop {
                if cursor.optional(|cursor| cursor.exactly("?"))?.is_some() {
                    cursor.arithmetic_blanks();
                    cursor.expression()?;
                    cursor.exactly(":")?;
                    cursor.arithmetic_blanks();
                    cursor.expression()?;
                } else if cursor.optional(Self::between)?.is_some() {
                    cursor.operand()?;
                } else {
                    return Ok(());
                }
            }
        })
    }

    fn between(&mut self) -> Read {
        let complete = |rest: &str| !rest.starts_with(['&', '|', '<', '>', '=']);
        let rest = self.rest();
        for operator in BETWEEN.into_iter().chain(["+", "-"]) {
            if let Some(after) = rest.strip_prefix(operator)
                && complete(after)
            {
                if operator == "-" && is_comparison(after) {
                    self.problem(1106);
                }
                self.at += operator.len();
                self.arithmetic_blanks();
                return Ok(());
            }
        }
        self.fail()
    }

    fn operand(&mut self) -> Read {
        self.deeper(|cursor| {
            match cursor.peek() {
                Some('!' | '~') => {
                    cursor.at += 1;
                    cursor.arithmetic_blanks();
                    return cursor.operand();
                }
                Some(sign @ ('+' | '-')) => {
                    cursor.at += 1;
                    if cursor.peek() == Some(sign) {
                        cursor.at += 1;
                    }
                    cursor.arithmetic_blanks();
                }
                _ => {}
            }
            cursor.atom()?;
            cursor.arithmetic_blanks();
            if cursor.starts("++") || cursor.starts("--") {
                cursor.at += 2;
                cursor.arithmetic_blanks();
            }
            Ok(())
        })
    }

    fn atom(&mut self) -> Read {
        match self.peek() {
            Some('(') => {
                self.at += 1;
                self.arithmetic()?;
                self.exactly(")")
            }
            Some(char) if char.is_ascii_alphabetic() || char == '_' => {
                self.name()?;
                while self.peek() == Some('[') {
                    self.at += 1;
                    self.deeper(Self::arithmetic)?;
                    self.exactly("]")?;
                }
                Ok(())
            }
            _ => {
                self.piece()?;
                self.many(Self::piece).map(drop)
            }
        }
    }

    fn piece(&mut self) -> Read {
        match self.peek() {
            Some('\'') => self.single_quoted(),
            Some('"') => self.double_quoted(),
            Some('$') => self.dollar(),
            Some('`') => self.backticks(false),
            Some('#') => self.exactly("#"),
            Some('{') => self.attempt(Self::braces),
            _ => self.literal("+-*/=%^,]?:").map(drop),
        }
    }
}

/// Tells whether a test's comparison follows the minus.
fn is_comparison(after: &str) -> bool {
    let names = ["lt", "gt", "le", "ge", "eq", "ne"];
    names.iter().any(|name| after.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '\t'])))
}
