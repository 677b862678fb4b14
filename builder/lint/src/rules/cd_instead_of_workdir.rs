//! `cd-instead-of-workdir`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};

/// Wants WORKDIR instead of cd.
pub(super) const RULE: Rule = Rule {
    id: "cd-instead-of-workdir",
    severity: Severity::Warning,
    summary: "Wants WORKDIR instead of cd.",
    page: "A `cd` holds for its RUN only. WORKDIR holds for all that follows, and shows where the build is.",
    aliases: &[hadolint("DL3003", "Use WORKDIR to switch to a directory"), trivy("DS-0013"), semgrep("use-workdir")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let top = step.span == step.instruction.span;
        (command.is("cd") && top).then(|| Finding::new(script.command(command), "use WORKDIR to change the directory"))
    });
}
