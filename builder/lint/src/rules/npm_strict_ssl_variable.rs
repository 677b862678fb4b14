//! `npm-strict-ssl-variable`.

use super::shared::{bare, variables};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov};

/// Wants no NPM_CONFIG_STRICT_SSL that switches checks off.
pub(super) const RULE: Rule = Rule {
    id: "npm-strict-ssl-variable",
    severity: Severity::Warning,
    summary: "Wants no NPM_CONFIG_STRICT_SSL that switches checks off.",
    page: "With this value npm checks no certificates: whoever sits in between can answer with anything.",
    aliases: &[checkov("CKV2_DOCKER_12")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        for (name, value, span) in variables(step.instruction) {
            if name.eq_ignore_ascii_case("NPM_CONFIG_STRICT_SSL")
                && ["false"].contains(&bare(value).to_lowercase().as_str())
            {
                out.add(Finding::new(span, "npm checks no certificates"));
            }
        }
    }
}
