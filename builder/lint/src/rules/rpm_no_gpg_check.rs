//! `rpm-no-gpg-check`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no dnf and yum without checks of signatures.
pub(super) const RULE: Rule = Rule {
    id: "rpm-no-gpg-check",
    severity: Severity::Warning,
    summary: "Wants no dnf and yum without checks of signatures.",
    page: "Signatures of packages are not checked.",
    aliases: &[checkov("CKV2_DOCKER_9")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let known = command.name().is_some_and(|name| matches!(name, "dnf" | "microdnf" | "tdnf" | "yum"));
        let word = command.args().iter().find(|word| known && is_off(word))?;
        let fix =
            Fix::risky("remove the option", vec![Edit::remove(script.span(word.start.saturating_sub(1), word.end))]);
        // A letter may stand in a cluster with others that are wanted.
        let fix = word.text.starts_with("--").then_some(fix);
        Some(Finding::new(script.word(word), "the option gives up a protection").maybe_fix(fix))
    });
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    ["--nogpgcheck"].contains(&word.text.as_str())
}
