//! `yum-clean`.

use super::edits::append;
use super::shared::clean_missing;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, trivy};
use crate::shell::Command;

/// Wants yum clean all after yum install.
pub(super) const RULE: Rule = Rule {
    id: "yum-clean",
    severity: Severity::Warning,
    summary: "Wants yum clean all after yum install.",
    page: "The caches of yum stay in the layer otherwise.",
    aliases: &[
        hadolint("DL3032", "`yum clean all` missing after yum command."),
        trivy("DS-0015"),
        trivy("purge-yum-package-cache"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let install = |command: &Command| command.runs(&["yum"], &["install"]);
    let clean = |command: &Command| {
        command.runs(&["yum"], &["clean", "all"]) || command.runs(&["rm"], &["-rf", "/var/cache/yum/*"])
    };
    for (step, script) in context.scripts() {
        if let Some(command) = clean_missing(script, install, clean) {
            let fix = append(context, step, " && yum clean all", "clean up at the end");
            let finding = Finding::new(script.command(command), "the caches of yum stay in the layer");
            out.add(finding.hadolint(step.span).maybe_fix(fix));
        }
    }
}
