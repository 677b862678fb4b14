//! `yum-update`.

use super::families::forbid_upgrade;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, semgrep};

/// Wants no yum update of everything.
pub(super) const RULE: Rule = Rule {
    id: "yum-update",
    severity: Severity::Info,
    summary: "Wants no yum update of everything.",
    page: "What is upgraded depends on the day. Take a newer base image, which is the same for everyone.",
    aliases: &[semgrep("avoid-yum-update")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_upgrade(context, out, &["yum"], &["update", "upgrade"]);
}
