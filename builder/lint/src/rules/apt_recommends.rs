//! `apt-recommends`.

use super::edits::insert_after;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};

/// Wants --no-install-recommends.
pub(super) const RULE: Rule = Rule {
    id: "apt-recommends",
    severity: Severity::Info,
    summary: "Wants --no-install-recommends.",
    page: "Recommended packages make the image larger, mostly without need.",
    aliases: &[
        hadolint("DL3015", "Avoid additional packages by specifying `--no-install-recommends`"),
        trivy("DS-0029"),
        trivy("use-apt-no-install-recommends"),
        semgrep("missing-no-install-recommends"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let action = command.arg(&["install"]).filter(|_| command.is("apt-get"))?;
        let lean = command.has_flag(&["no-install-recommends"]) || command.has_arg("APT::Install-Recommends=false");
        (!lean).then(|| {
            let fix = insert_after(script, action, " --no-install-recommends", "add the switch");
            Finding::new(script.command(command), "recommended packages are installed too").maybe_fix(fix)
        })
    });
}
