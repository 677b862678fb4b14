//! `invalid-base-reference`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::image::is_reference;
use crate::rule::{Rule, Severity, utils};

/// Wants the name of an image in FROM.
pub(super) const RULE: Rule = Rule {
    id: "invalid-base-reference",
    severity: Severity::Error,
    summary: "Wants the name of an image in FROM.",
    page: "A text that is no reference cannot be pulled.",
    aliases: &[utils("INVALID_REFERENCE_FORMAT")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let base = &from.base.value;
        if !base.is_empty() && !base.contains(['$', '"', '\'', '\\', '`']) && !is_reference(&base.to_lowercase()) {
            out.add(Finding::new(from.base.span, format!("`{base}` is no reference of an image")));
        }
    }
}
