//! `zypper-dist-upgrade`.

use super::families::removable;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};

/// Wants no zypper dist-upgrade.
pub(super) const RULE: Rule = Rule {
    id: "zypper-dist-upgrade",
    severity: Severity::Warning,
    summary: "Wants no zypper dist-upgrade.",
    page: "An upgrade of the whole distribution belongs into the base image: take a newer one.",
    aliases: &[hadolint("DL3035", "Do not use `zypper dist-upgrade`.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let upgrade = command.runs(&["zypper"], &["dist-upgrade", "dup"]);
        upgrade.then(|| removable(context, step, script, command, "take a newer base image instead of upgrading it"))
    });
}
