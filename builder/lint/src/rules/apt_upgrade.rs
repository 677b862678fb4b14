//! `apt-upgrade`.

use super::families::forbid_upgrade;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, semgrep, trivy};

/// Wants no apt-get upgrade of everything.
pub(super) const RULE: Rule = Rule {
    id: "apt-upgrade",
    severity: Severity::Info,
    summary: "Wants no apt-get upgrade of everything.",
    page: "What is upgraded depends on the day. Take a newer base image, which is the same for everyone.",
    aliases: &[trivy("DS-0024"), trivy("no-dist-upgrade"), semgrep("avoid-apt-get-upgrade")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_upgrade(context, out, &["apt-get", "apt"], &["upgrade", "dist-upgrade", "full-upgrade"]);
}
