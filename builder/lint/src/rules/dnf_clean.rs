//! `dnf-clean`.

use super::edits::append;
use super::shared::clean_missing;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};
use crate::shell::Command;

/// Wants dnf clean all after dnf install.
pub(super) const RULE: Rule = Rule {
    id: "dnf-clean",
    severity: Severity::Warning,
    summary: "Wants dnf clean all after dnf install.",
    page: "The caches of dnf stay in the layer otherwise.",
    aliases: &[
        hadolint("DL3040", "`dnf clean all` missing after dnf command."),
        trivy("DS-0019"),
        trivy("purge-dnf-package-cache"),
        trivy("DS-0027"),
        trivy("purge-microdnf-package-cache"),
        semgrep("missing-dnf-clean-all"),
    ],
    check,
};

const INSTALL: [&str; 8] = ["install", "in", "upgrade", "up", "upgrade-minimal", "up-min", "reinstall", "rei"];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, script) in context.scripts() {
        let missing = |name: &'static str| {
            let install = move |command: &Command| command.runs(&[name], &INSTALL);
            let clean = move |command: &Command| {
                command.runs(&[name], &["clean", "all"]) || command.runs(&["rm"], &["-rf", "/var/cache/libdnf5*"])
            };
            clean_missing(script, install, clean).map(|command| (name, command))
        };
        let mounted = step.mounts_over("/var/cache/libdnf5") || step.mounts_over(".cache/libdnf5");
        let Some((name, command)) = missing("dnf").or_else(|| missing("microdnf")).filter(|_| !mounted) else {
            continue;
        };
        let fix = append(context, step, &format!(" && {name} clean all"), "clean up at the end");
        let finding = Finding::new(script.command(command), format!("the caches of {name} stay in the layer"));
        out.add(finding.hadolint(step.span).maybe_fix(fix));
    }
}
