//! `last-user-root`.

use std::collections::BTreeMap;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::edits::without_rights;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov, hadolint, semgrep, trivy};

/// Wants a stage not to end as root.
pub(super) const RULE: Rule = Rule {
    id: "last-user-root",
    severity: Severity::Warning,
    summary: "Wants a stage not to end as root.",
    page: "A container whose last USER is root runs its program with every right inside of the container, and one kernel bug away from the host.\n\nEnd the stage with a user of its own.",
    aliases: &[
        hadolint("DL3002", "Last USER should not be root"),
        trivy("DS-0002"),
        trivy("least-privilege-user"),
        checkov("CKV_DOCKER_8"),
        semgrep("last-user-is-root"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut last: BTreeMap<usize, (Span, Span)> = BTreeMap::new();
    for (stage, step) in context.in_stages() {
        let Kind::User(user) = step.kind() else { continue };
        if is_root(&user.value) {
            last.insert(stage, (user.span, step.span));
        } else {
            last.remove(&stage);
        }
    }
    for (stage, (user, whole)) in last {
        let finding = Finding::new(user, "the last user of this stage is root").hadolint(whole);
        out.add(finding.maybe_fix(without_rights(context, stage)));
    }
}

fn is_root(user: &str) -> bool {
    matches!(user, "root" | "0") || user.starts_with("root:") || user.starts_with("0:")
}
