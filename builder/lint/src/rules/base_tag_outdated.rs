//! `base-tag-outdated`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, scout};

/// Wants the tag that is recommended for the base image.
pub(super) const RULE: Rule = Rule {
    id: "base-tag-outdated",
    severity: Severity::Info,
    summary: "Wants the tag that is recommended for the base image.",
    page: "Another tag of the same image is newer or has fewer vulnerabilities. Needs to be known of the image.",
    aliases: &[scout("recommended_tag")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let (Kind::From(from), Some(base)) = (step.kind(), step.base()) else { continue };
        let facts = context.stages().facts(&from.base.value);
        let Some(wanted) = facts.and_then(|facts| facts.recommended_tag.as_ref()) else { continue };
        if base.tag == Some(wanted) || from.base.value.contains('$') {
            continue;
        }
        let front = from.base.value.split('@').next().unwrap_or_default();
        let name = base.tag.and_then(|tag| front.strip_suffix(tag)?.strip_suffix(':')).unwrap_or(front);
        let text = format!("{name}:{wanted}");
        let fix = Fix::risky(format!("use `{text}`"), vec![Edit::replace(from.base.span, text)]);
        let message = format!("the tag `{wanted}` is recommended for this image");
        out.add(Finding::new(from.base.span, message).fix(fix));
    }
}
