//! `package-index-alone`.

use super::consecutive_run::join;
use super::edits::remove_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov, trivy};
use crate::shell::Command;

/// Wants no RUN that only updates the package index.
pub(super) const RULE: Rule = Rule {
    id: "package-index-alone",
    severity: Severity::Warning,
    summary: "Wants no RUN that only updates the package index.",
    page: "The layer of the update is cached: a later install uses an old index, and fails when packages are gone.\n\nUpdate and install in one RUN.",
    aliases: &[trivy("DS-0017"), trivy("no-orphan-package-update"), checkov("CKV_DOCKER_5")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, script) in context.scripts() {
        let update = |command: &&Command| {
            command.runs(&["apt-get", "apt", "yum", "dnf", "apk", "zypper"], &["update", "refresh"])
        };
        let Some(command) = script.list().iter().find(update) else { continue };
        let installs = script.list().iter().any(|command| command.args().iter().any(|word| is_use(&word.text)));
        if !installs && !step.mounts_over("/var/lib/apt") {
            let next = context.step_from(step.span.end);
            let join = next.filter(|_| !step.is_trigger()).and_then(|next| join(context, step, next));
            let message = "the index is updated without an install in the same RUN";
            let fix = join.or_else(|| remove_command(context, step, script, command));
            out.add(Finding::new(script.command(command), message).maybe_fix(fix));
        }
    }
}

fn is_use(word: &str) -> bool {
    ["install", "add", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "download", "in", "source"]
        .contains(&word)
}
