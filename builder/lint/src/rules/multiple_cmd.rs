//! `multiple-cmd`.

use containr_dockerfile::syntax::Kind;

use super::families::only_last;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, buildkit, hadolint, trivy, utils};

/// Wants at most one CMD in a stage.
pub(super) const RULE: Rule = Rule {
    id: "multiple-cmd",
    severity: Severity::Warning,
    summary: "Wants at most one CMD in a stage.",
    page: "Only the last CMD of a stage counts; the others mislead readers.",
    aliases: &[
        hadolint(
            "DL4003",
            "Multiple `CMD` instructions found. If you list more than one `CMD` then only the last `CMD` will take effect",
        ),
        buildkit("MultipleInstructionsDisallowed"),
        utils("MULTIPLE_INSTRUCTIONS"),
        trivy("DS-0016"),
        trivy("only-one-cmd"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    only_last(context, out, |kind| matches!(kind, Kind::Cmd(_)), "CMD");
}
