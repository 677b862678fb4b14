//! `user-missing`.

use containr_dockerfile::syntax::Kind;

use super::edits::without_rights;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov, semgrep, trivy};

/// Wants a USER in the last stage.
pub(super) const RULE: Rule = Rule {
    id: "user-missing",
    severity: Severity::Info,
    summary: "Wants a USER in the last stage.",
    page: "Without USER the container runs as the base image says, which is root mostly.",
    aliases: &[
        trivy("DS-0002"),
        trivy("least-privilege-user"),
        checkov("CKV_DOCKER_3"),
        semgrep("missing-user"),
        semgrep("missing-user-entrypoint"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = &context.parsed.syntax().stages;
    let mut next = stages.len().checked_sub(1);
    let Some(last) = stages.last() else { return };
    while let Some(index) = next {
        if stages[index].instructions.iter().any(|one| matches!(one.kind, Kind::User(_))) {
            return;
        }
        next = context.stages().parents[index];
    }
    let starts = last.instructions.iter().any(|one| matches!(one.kind, Kind::Cmd(_) | Kind::Entrypoint(_)));
    if starts {
        let finding = Finding::new(last.from.keyword.span, "the last stage starts a program and sets no user");
        out.add(finding.maybe_fix(without_rights(context, stages.len() - 1)));
    }
}
