//! FROM.

use super::Lowering;
use crate::diagnostic::Code;
use crate::flags::{self, Known, Takes};
use crate::statement::{Args, Statement};
use crate::syntax::{Flag, From};

pub(super) const FLAGS: Known = &[("platform", Takes::Value)];

impl Lowering<'_> {
    pub(super) fn from(&mut self, statement: &Statement<'_>, flags: &[Flag]) -> Option<From> {
        let words = match &statement.args {
            Args::Words(words) => words.as_slice(),
            _ => &[],
        };
        let name = match words {
            [_] => None,
            [_, as_word, name] if as_word.text.eq_ignore_ascii_case("as") => Some(name),
            [] => {
                self.missing(statement, "FROM needs a base".to_owned());
                return None;
            }
            [base, .., last] => {
                let span = self.logical.span(base.end, last.end);
                let message = "FROM takes a base, and `AS` with a name for the stage";
                self.diagnostics.error(span, Code::ExtraArgument, message);
                return None;
            }
        };
        let name = name.map(|word| {
            let mut name = self.word(word);
            name.value = name.value.to_lowercase();
            if !is_stage_name(&name.value) {
                let message = format!("stage name `{}` does not begin with a letter or holds a symbol", word.text);
                self.diagnostics.error(name.span, Code::InvalidStageName, message);
            }
            name
        });
        Some(From { base: self.word(&words[0]), name, platform: flags::value(flags, "platform") })
    }
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
}
