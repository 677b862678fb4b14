//! `base-without-digest`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use super::digest::bind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, semgrep};

/// Wants a digest on every base image.
pub(super) const RULE: Rule = Rule {
    id: "base-without-digest",
    severity: Severity::Off,
    summary: "Wants a digest on every base image.",
    page: "A tag can be moved; a digest cannot. Off until it is switched on.",
    aliases: &[semgrep("dockerfile-source-not-pinned")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut names = BTreeSet::new();
    for step in &context.steps {
        let (Kind::From(from), Some(base)) = (step.kind(), step.base()) else { continue };
        let exempt = base.name == "scratch" || names.contains(base.name) || from.base.value.contains('$');
        names.extend(base.alias);
        if base.digest.is_none() && !exempt {
            let message = format!("`{}` is not bound to a digest", from.base.value);
            out.add(Finding::new(from.base.span, message).maybe_fix(bind(context, from)));
        }
    }
}
