//! `apk-cache`.

use super::edits::insert_after;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};

/// Wants apk add --no-cache.
pub(super) const RULE: Rule = Rule {
    id: "apk-cache",
    severity: Severity::Info,
    summary: "Wants apk add --no-cache.",
    page: "With `--no-cache` apk fetches its index and keeps none of it.",
    aliases: &[
        hadolint(
            "DL3019",
            "Use the `--no-cache` switch to avoid the need to use `--update` and remove `/var/cache/apk/*` when done installing packages",
        ),
        trivy("DS-0025"),
        trivy("purge-apk-package-cache"),
        semgrep("missing-apk-no-cache"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let action = command.arg(&["add"]).filter(|_| command.is("apk"))?;
        let kept = !command.has_flag(&["no-cache"]) && !step.mounts_over("/var/cache/apk");
        kept.then(|| {
            let fix = insert_after(script, action, " --no-cache", "add the switch");
            Finding::new(script.command(command), "the index of apk stays in the layer").maybe_fix(fix)
        })
    });
}
