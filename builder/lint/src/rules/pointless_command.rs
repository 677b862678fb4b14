//! `pointless-command`.

use super::families::removable;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint, semgrep};

/// Wants no commands that make no sense in a container.
pub(super) const RULE: Rule = Rule {
    id: "pointless-command",
    severity: Severity::Info,
    summary: "Wants no commands that make no sense in a container.",
    page: "Services, mounts and process lists of the build container are gone when the step ends.",
    aliases: &[
        hadolint(
            "DL3001",
            "For some bash commands it makes no sense running them in a Docker container like `ssh`, `vim`, `shutdown`, `service`, `ps`, `free`, `top`, `kill`, `mount`, `ifconfig`",
        ),
        semgrep("nonsensical-command"),
    ],
    check,
};

const POINTLESS: [&str; 9] = ["free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim"];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let name = command.name().filter(|name| POINTLESS.contains(name))?;
        let message = format!("`{name}` makes no sense while an image is built");
        Some(removable(context, step, script, command, message))
    });
}
