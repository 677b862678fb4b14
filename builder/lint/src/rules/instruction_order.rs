//! `instruction-order`.

use containr_dockerfile::syntax::Kind;

use super::repair::place::below_from;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants FROM before everything but ARG.
pub(super) const RULE: Rule = Rule {
    id: "instruction-order",
    severity: Severity::Error,
    summary: "Wants FROM before everything but ARG.",
    page: "An instruction before the first FROM belongs to no stage.",
    aliases: &[hadolint("DL3061", "Invalid instruction order. Dockerfile must begin with `FROM`, `ARG` or comment.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    // The parser says so too, in our own words.
    for step in context.steps.iter().filter(|step| step.stage.is_none() && !matches!(step.kind(), Kind::Arg(_))) {
        out.add(Finding::foreign().hadolint(step.span).maybe_fix(below_from(context, step)));
    }
}
