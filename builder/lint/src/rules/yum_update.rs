//! `yum-update`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
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
    each_command(context, out, |_, script, command| {
        let words = command.plain_args(&[]);
        // With packages named it is these that are wanted.
        let all = command.runs(&["yum"], &["update", "upgrade"]) && words.len() == 1;
        all.then(|| Finding::new(script.command(command), "the whole system is upgraded, to what depends on the day"))
    });
}
