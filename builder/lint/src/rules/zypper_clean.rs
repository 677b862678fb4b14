//! `zypper-clean`.

use super::edits::append;
use super::shared::clean_missing;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};
use crate::shell::Command;

/// Wants zypper clean after zypper install.
pub(super) const RULE: Rule = Rule {
    id: "zypper-clean",
    severity: Severity::Warning,
    summary: "Wants zypper clean after zypper install.",
    page: "The caches of zypper stay in the layer otherwise.",
    aliases: &[
        hadolint("DL3036", "`zypper clean` missing after zypper use."),
        trivy("DS-0020"),
        trivy("purge-zipper-cache"),
        semgrep("missing-zypper-clean"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let install = |command: &Command| command.runs(&["zypper"], &["install", "in"]);
    let clean = |command: &Command| command.runs(&["zypper"], &["clean", "cc"]);
    for (step, script) in context.scripts().filter(|(step, _)| !step.mounts_over("/var/cache/zypp")) {
        if let Some(command) = clean_missing(script, install, clean) {
            let fix = append(context, step, " && zypper clean", "clean up at the end");
            let finding = Finding::new(script.command(command), "the caches of zypper stay in the layer");
            out.add(finding.hadolint(step.span).maybe_fix(fix));
        }
    }
}
