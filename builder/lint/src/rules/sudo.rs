//! `sudo`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, checkov, hadolint, semgrep, trivy};

/// Wants no sudo.
pub(super) const RULE: Rule = Rule {
    id: "sudo",
    severity: Severity::Error,
    summary: "Wants no sudo.",
    page: "A RUN has the rights of its USER. sudo needs a terminal and drops the environment; switch with USER instead.",
    aliases: &[
        hadolint(
            "DL3004",
            "Do not use sudo as it leads to unpredictable behavior. Use a tool like gosu to enforce root",
        ),
        trivy("DS-0010"),
        trivy("no-sudo-run"),
        checkov("CKV2_DOCKER_1"),
        semgrep("no-sudo-in-dockerfile"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let (sudo, next) = (command.words.first()?, command.words.get(1));
        let plain = next.filter(|next| !next.text.starts_with('-') && !next.text.contains('='));
        let edit = plain.and_then(|next| script.exact(sudo.start, next.start)).map(Edit::remove);
        let fix = edit.map(|edit| Fix::risky("remove sudo", vec![edit]));
        command.is("sudo").then(|| Finding::new(script.word(sudo), "sudo in a build; use USER").maybe_fix(fix))
    });
}
