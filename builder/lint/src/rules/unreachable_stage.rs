//! `unreachable-stage`.

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::reach::reached;
use crate::rule::{Rule, Severity};

/// Wants every stage to be used by the last one.
pub(super) const RULE: Rule = Rule {
    id: "unreachable-stage",
    severity: Severity::Info,
    summary: "Wants every stage to be used by the last one.",
    page: "A stage that nothing uses is not built, unless it is asked for by `--target`.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = &context.parsed.syntax().stages;
    let Some(last) = stages.len().checked_sub(1) else { return };
    for (stage, _) in stages.iter().zip(reached(context.parsed, last)).filter(|(_, reached)| !reached) {
        out.add(Finding::new(stage.from.keyword.span, "the last stage does not use this one"));
    }
}
