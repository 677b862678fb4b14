//! `apk-upgrade`.

use super::families::forbid_upgrade;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, semgrep};

/// Wants no apk upgrade of everything.
pub(super) const RULE: Rule = Rule {
    id: "apk-upgrade",
    severity: Severity::Info,
    summary: "Wants no apk upgrade of everything.",
    page: "What is upgraded depends on the day. Take a newer base image, which is the same for everyone.",
    aliases: &[semgrep("avoid-apk-upgrade")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_upgrade(context, out, &["apk"], &["upgrade"]);
}
