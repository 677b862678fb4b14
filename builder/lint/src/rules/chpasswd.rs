//! `chpasswd`.

use super::families::removable;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};

/// Wants no passwords set by chpasswd.
pub(super) const RULE: Rule = Rule {
    id: "chpasswd",
    severity: Severity::Warning,
    summary: "Wants no passwords set by chpasswd.",
    page: "The password stays in the history of the image for everyone to read.",
    aliases: &[checkov("CKV2_DOCKER_17")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let message = "the password stays readable in the image";
        command.is("chpasswd").then(|| removable(context, step, script, command, message))
    });
}
