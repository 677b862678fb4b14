//! `python-https-verify`.

use super::shared::{bare, variables};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov};

/// Wants no PYTHONHTTPSVERIFY that switches checks off.
pub(super) const RULE: Rule = Rule {
    id: "python-https-verify",
    severity: Severity::Warning,
    summary: "Wants no PYTHONHTTPSVERIFY that switches checks off.",
    page: "With this value Python checks no certificates: whoever sits in between can answer with anything.",
    aliases: &[checkov("CKV2_DOCKER_5")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        for (name, value, span) in variables(step.instruction) {
            if name.eq_ignore_ascii_case("PYTHONHTTPSVERIFY") && ["0"].contains(&bare(value).to_lowercase().as_str()) {
                out.add(Finding::new(span, "Python checks no certificates"));
            }
        }
    }
}
