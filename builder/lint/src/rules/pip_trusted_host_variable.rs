//! `pip-trusted-host-variable`.

use super::families::forbid_variable;
use crate::context::Context;
use crate::diagnostic::Findings;
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
    forbid_variable(
        context,
        out,
        "PIP_TRUSTED_HOST",
        |value| !value.is_empty(),
        "pip checks no certificates of these hosts",
    );
}
