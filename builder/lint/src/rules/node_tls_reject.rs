//! `node-tls-reject`.

use super::families::forbid_variable;
use crate::context::Context;
use crate::diagnostic::Findings;
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
    forbid_variable(context, out, "NODE_TLS_REJECT_UNAUTHORIZED", |value| value == "0", "Node checks no certificates");
}
