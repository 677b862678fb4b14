//! `python-https-verify`.

use super::families::forbid_variable;
use crate::context::Context;
use crate::diagnostic::Findings;
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
    forbid_variable(context, out, "PYTHONHTTPSVERIFY", |value| value == "0", "Python checks no certificates");
}
