//! `pip-trusted-host`.

use super::edits::remove_words;
use super::shared::{each_command, is_pip_install};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, checkov};

/// Wants no pip --trusted-host.
pub(super) const RULE: Rule = Rule {
    id: "pip-trusted-host",
    severity: Severity::Warning,
    summary: "Wants no pip --trusted-host.",
    page: "Certificates of that host are not checked.",
    aliases: &[checkov("CKV2_DOCKER_4")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let pip = is_pip_install(command);
        let index = command.words.iter().position(|word| pip && word.text.starts_with("--trusted-host"))?;
        let word = &command.words[index];
        // The host is part of the word, or the next one.
        let last = if word.text.contains('=') { Some(word) } else { command.words.get(index + 1) };
        let edit = last.and_then(|last| remove_words(context, script, word, last));
        let fix = edit.map(|edit| Fix::risky("remove the option", vec![edit]));
        Some(Finding::new(script.word(word), "certificates of this host are not checked").maybe_fix(fix))
    });
}
