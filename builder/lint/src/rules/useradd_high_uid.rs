//! `useradd-high-uid`.

use super::edits::insert_after;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants useradd -l for large user ids.
pub(super) const RULE: Rule = Rule {
    id: "useradd-high-uid",
    severity: Severity::Warning,
    summary: "Wants useradd -l for large user ids.",
    page: "useradd writes to /var/log/lastlog at an offset of the user's id: a large id makes a huge sparse file, which not every tool keeps sparse.",
    aliases: &[hadolint("DL3046", "`useradd` without flag `-l` and high UID will result in excessively large Image.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let long = command.flag_values(&["u"]).iter().any(|word| word.text.chars().count() > 5);
        let logs = command.is("useradd") && !command.has_flag(&["l", "no-log-init"]);
        let name = command.words.first().filter(|_| logs && long)?;
        let fix = insert_after(script, name, " -l", "add the switch");
        Some(Finding::new(script.command(command), "useradd writes a huge sparse file for this id").maybe_fix(fix))
    });
}
