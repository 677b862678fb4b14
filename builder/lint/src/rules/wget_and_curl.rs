//! `wget-and-curl`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};

/// Wants one of wget and curl, not both.
pub(super) const RULE: Rule = Rule {
    id: "wget-and-curl",
    severity: Severity::Warning,
    summary: "Wants one of wget and curl, not both.",
    page: "Two programs for one task are two to keep up to date.",
    aliases: &[
        hadolint("DL4001", "Either use Wget or Curl but not both"),
        trivy("DS-0014"),
        trivy("standardise-remote-get"),
        semgrep("use-either-wget-or-curl"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for series in context.series() {
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for step in series {
            if matches!(step.kind(), Kind::From(_)) {
                used.clear();
            }
            let Some(script) = step.script() else { continue };
            let fetchers = || script.list().iter().filter(|command| command.is("curl") || command.is("wget"));
            used.extend(fetchers().map(|command| if command.is("curl") { "curl" } else { "wget" }));
            if let Some(command) = fetchers().next_back().filter(|_| used.len() > 1) {
                let message = "both wget and curl are used in this stage";
                out.add(Finding::new(script.command(command), message).hadolint(step.span));
            }
        }
    }
}
