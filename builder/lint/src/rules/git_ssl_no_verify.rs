//! `git-ssl-no-verify`.

use super::shared::{bare, variables};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov};

/// Wants no GIT_SSL_NO_VERIFY that switches checks off.
pub(super) const RULE: Rule = Rule {
    id: "git-ssl-no-verify",
    severity: Severity::Warning,
    summary: "Wants no GIT_SSL_NO_VERIFY that switches checks off.",
    page: "With this value git checks no certificates: whoever sits in between can answer with anything.",
    aliases: &[checkov("CKV2_DOCKER_14")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        for (name, value, span) in variables(step.instruction) {
            if name.eq_ignore_ascii_case("GIT_SSL_NO_VERIFY")
                && ["1", "true"].contains(&bare(value).to_lowercase().as_str())
            {
                out.add(Finding::new(span, "git checks no certificates"));
            }
        }
    }
}
