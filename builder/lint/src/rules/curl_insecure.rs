//! `curl-insecure`.

use super::edits::remove_words;
use super::families::remove_letter;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no curl without checks of certificates.
pub(super) const RULE: Rule = Rule {
    id: "curl-insecure",
    severity: Severity::Warning,
    summary: "Wants no curl without checks of certificates.",
    page: "Whoever sits in between can answer with anything.",
    aliases: &[checkov("CKV2_DOCKER_2")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let word = command.args().iter().find(|word| command.is("curl") && is_off(word))?;
        let fix = if word.text.starts_with("--") {
            remove_words(context, script, word, word).map(|edit| Fix::risky("remove the option", vec![edit]))
        } else {
            remove_letter(context, script, word, 'k')
        };
        Some(Finding::new(script.word(word), "the option gives up a protection").maybe_fix(fix))
    });
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    let cluster = word.is_flag() && !word.text.starts_with("--");
    ["--insecure", "--proxy-insecure"].contains(&word.text.as_str())
        || (cluster && word.text.contains('k') && !word.text.contains(['o', 'H', 'd', 'X', 'u']))
}
