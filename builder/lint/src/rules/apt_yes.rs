//! `apt-yes`.

use super::edits::insert_after;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};

/// Wants `-y` where apt-get would ask.
pub(super) const RULE: Rule = Rule {
    id: "apt-yes",
    severity: Severity::Warning,
    summary: "Wants `-y` where apt-get would ask.",
    page: "A build has nobody to answer; without the switch the command waits for an answer or gives up.",
    aliases: &[
        hadolint("DL3014", "Use the `-y` switch to avoid manual input `apt-get -y install <package>`"),
        trivy("DS-0021"),
        trivy("use-apt-auto-confirm"),
        semgrep("missing-assume-yes-switch"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let action = command.arg(&["install"]).filter(|_| command.runs(&["apt-get"], &["install"]))?;
        let asks = !command.has_flag(&["y", "yes", "qq", "assume-yes"])
            && command.count_flag("q") != 2
            && command.count_flag("quiet") != 2
            && !command.has_arg("-q=2");
        asks.then(|| {
            let fix = insert_after(script, action, " -y", "add the switch");
            Finding::new(script.command(command), "the command will ask for a confirmation").maybe_fix(fix)
        })
    });
}
