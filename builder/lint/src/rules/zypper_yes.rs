//! `zypper-yes`.

use super::edits::insert_after;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants `-y` where zypper would ask.
pub(super) const RULE: Rule = Rule {
    id: "zypper-yes",
    severity: Severity::Warning,
    summary: "Wants `-y` where zypper would ask.",
    page: "A build has nobody to answer; without the switch the command waits for an answer or gives up.",
    aliases: &[hadolint("DL3034", "Non-interactive switch missing from `zypper` command: `zypper install -y`")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let action = command.arg(&["install", "in", "remove", "rm", "source-install", "si", "patch"]).filter(|_| {
            command.runs(&["zypper"], &["install", "in", "remove", "rm", "source-install", "si", "patch"])
        })?;
        let asks = !command.has_flag(&["non-interactive", "n", "no-confirm", "y"]);
        asks.then(|| {
            let fix = insert_after(script, action, " -y", "add the switch");
            Finding::new(script.command(command), "the command will ask for a confirmation").maybe_fix(fix)
        })
    });
}
