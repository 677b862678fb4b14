//! `node-tls-reject`.

use super::shared::{bare, variables};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov};

/// Wants no NODE_TLS_REJECT_UNAUTHORIZED that switches checks off.
pub(super) const RULE: Rule = Rule {
    id: "node-tls-reject",
    severity: Severity::Warning,
    summary: "Wants no NODE_TLS_REJECT_UNAUTHORIZED that switches checks off.",
    page: "With this value Node checks no certificates: whoever sits in between can answer with anything.",
    aliases: &[checkov("CKV2_DOCKER_6")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        for (name, value, span) in variables(step.instruction) {
            if name.eq_ignore_ascii_case("NODE_TLS_REJECT_UNAUTHORIZED")
                && ["0"].contains(&bare(value).to_lowercase().as_str())
            {
                out.add(Finding::new(span, "Node checks no certificates"));
            }
        }
    }
}
