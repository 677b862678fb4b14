//! `shell-by-link`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep};

/// Wants SHELL instead of a link at /bin/sh.
pub(super) const RULE: Rule = Rule {
    id: "shell-by-link",
    severity: Severity::Warning,
    summary: "Wants SHELL instead of a link at /bin/sh.",
    page: "SHELL changes the shell of the build only; a link changes it for every script of the image.",
    aliases: &[hadolint("DL4005", "Use SHELL to change the default shell"), semgrep("use-shell-instruction")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let link = command.runs(&["ln"], &["/bin/sh"]);
        link.then(|| Finding::new(script.command(command), "use SHELL to change the shell of the build"))
    });
}
