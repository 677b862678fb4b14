//! `git-clone`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity};

/// Wants ADD instead of git clone.
pub(super) const RULE: Rule = Rule {
    id: "git-clone",
    severity: Severity::Off,
    summary: "Wants ADD instead of git clone.",
    page: "ADD fetches a repository without git in the image, and runs again only when the commit changed. Off until it is switched on.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let remote = |text: &str| text.starts_with("https://") || text.starts_with("git@");
        let clones = command.runs(&["git"], &["clone"]) && command.args().iter().any(|word| remote(&word.text));
        clones.then(|| Finding::new(script.command(command), "ADD can fetch this repository"))
    });
}
