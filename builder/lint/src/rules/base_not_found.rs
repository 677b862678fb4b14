//! `base-not-found`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity};
use crate::surroundings::Presence;

/// Wants base images that exist.
pub(super) const RULE: Rule = Rule {
    id: "base-not-found",
    severity: Severity::Error,
    summary: "Wants base images that exist.",
    page: "The registry has no such tag or digest: the build fails. Told with `--online` only.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let facts = context.stages().facts(&from.base.value);
        if facts.is_some_and(|facts| facts.presence == Presence::Missing) {
            out.add(Finding::new(from.base.span, format!("`{}` is not in its registry", from.base.value)));
        }
    }
}
