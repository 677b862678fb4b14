//! `multiple-healthcheck`.

use containr_dockerfile::syntax::Kind;

use super::families::only_last;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, buildkit, hadolint, trivy, utils};

/// Wants at most one HEALTHCHECK in a stage.
pub(super) const RULE: Rule = Rule {
    id: "multiple-healthcheck",
    severity: Severity::Error,
    summary: "Wants at most one HEALTHCHECK in a stage.",
    page: "Only the last HEALTHCHECK of a stage counts; the others mislead readers.",
    aliases: &[
        hadolint("DL3012", "Multiple `HEALTHCHECK` instructions"),
        buildkit("MultipleInstructionsDisallowed"),
        utils("MULTIPLE_INSTRUCTIONS"),
        trivy("DS-0023"),
        trivy("only-one-healthcheck"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    only_last(context, out, |kind| matches!(kind, Kind::Healthcheck(_)), "HEALTHCHECK");
}
