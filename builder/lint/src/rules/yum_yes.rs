//! `yum-yes`.

use super::edits::insert_after;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep};

/// Wants `-y` where yum would ask.
pub(super) const RULE: Rule = Rule {
    id: "yum-yes",
    severity: Severity::Warning,
    summary: "Wants `-y` where yum would ask.",
    page: "A build has nobody to answer; without the switch the command waits for an answer or gives up.",
    aliases: &[
        hadolint("DL3030", "Use the -y switch to avoid manual input `yum install -y <package>`"),
        semgrep("missing-yum-assume-yes-switch"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let action = command
            .arg(&["install", "groupinstall", "localinstall"])
            .filter(|_| command.runs(&["yum"], &["install", "groupinstall", "localinstall"]))?;
        let asks = !command.has_flag(&["y", "assumeyes"]);
        asks.then(|| {
            let fix = insert_after(script, action, " -y", "add the switch");
            Finding::new(script.command(command), "the command will ask for a confirmation").maybe_fix(fix)
        })
    });
}
