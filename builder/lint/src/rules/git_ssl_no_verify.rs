//! `git-ssl-no-verify`.

use super::families::forbid_variable;
use crate::context::Context;
use crate::diagnostic::Findings;
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
    forbid_variable(
        context,
        out,
        "GIT_SSL_NO_VERIFY",
        |value| ["1", "true"].contains(&value.to_lowercase().as_str()),
        "git checks no certificates",
    );
}
