//! `npm-strict-ssl-variable`.

use super::families::forbid_variable;
use crate::context::Context;
use crate::diagnostic::Findings;
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
    forbid_variable(
        context,
        out,
        "NPM_CONFIG_STRICT_SSL",
        |value| value.eq_ignore_ascii_case("false"),
        "npm checks no certificates",
    );
}
