//! `invalid-base-reference`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
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
            let finding = Finding::new(from.base.span, format!("`{base}` is no reference of an image"));
            out.add(finding.maybe_fix(repair(base, from.base.span)));
        }
    }
}

/// Returns the fix for what is often written too much around a reference.
fn repair(base: &str, place: Span) -> Option<Fix> {
    let plain = base.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("docker://");
    let single = plain.replace("::", ":").replace("//", "/");
    let wanted = single.trim_matches([':', '@', '/', '.', '-']);
    let fits = is_reference(wanted) && wanted != base;
    fits.then(|| Fix::risky(format!("write `{wanted}`"), vec![Edit::replace(place, wanted)]))
}
