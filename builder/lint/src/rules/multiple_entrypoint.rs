//! `multiple-entrypoint`.

use containr_dockerfile::syntax::Kind;

use super::families::only_last;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, buildkit, hadolint, semgrep, trivy, utils};

/// Wants at most one ENTRYPOINT in a stage.
pub(super) const RULE: Rule = Rule {
    id: "multiple-entrypoint",
    severity: Severity::Error,
    summary: "Wants at most one ENTRYPOINT in a stage.",
    page: "Only the last ENTRYPOINT of a stage counts; the others mislead readers.",
    aliases: &[
        hadolint(
            "DL4004",
            "Multiple `ENTRYPOINT` instructions found. If you list more than one `ENTRYPOINT` then only the last `ENTRYPOINT` will take effect",
        ),
        buildkit("MultipleInstructionsDisallowed"),
        utils("MULTIPLE_INSTRUCTIONS"),
        trivy("DS-0007"),
        trivy("only-one-entrypoint"),
        semgrep("multiple-entrypoint-instructions"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    only_last(context, out, |kind| matches!(kind, Kind::Entrypoint(_)), "ENTRYPOINT");
}
