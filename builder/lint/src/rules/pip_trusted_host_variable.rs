//! `pip-trusted-host-variable`.

use super::shared::variables;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov};

/// Wants no PIP_TRUSTED_HOST that switches checks off.
pub(super) const RULE: Rule = Rule {
    id: "pip-trusted-host-variable",
    severity: Severity::Warning,
    summary: "Wants no PIP_TRUSTED_HOST that switches checks off.",
    page: "With this value pip checks no certificates of these hosts: whoever sits in between can answer with anything.",
    aliases: &[checkov("CKV2_DOCKER_16")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        for (name, value, span) in variables(step.instruction) {
            if name.eq_ignore_ascii_case("PIP_TRUSTED_HOST") && !value.is_empty() {
                out.add(Finding::new(span, "pip checks no certificates of these hosts"));
            }
        }
    }
}
