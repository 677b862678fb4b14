//! `directive-casing`.

use containr_dockerfile::{Span, SyntaxKind};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, utils};

/// Wants parser directives in lower case.
pub(super) const RULE: Rule = Rule {
    id: "directive-casing",
    severity: Severity::Style,
    summary: "Wants parser directives in lower case.",
    page: "`# Escape=` works, but nobody looks for it.",
    aliases: &[utils("CASING_DIRECTIVE")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for element in context.parsed.tree().children_with_tokens().filter(|one| one.kind() == SyntaxKind::Directive) {
        let start = u32::from(element.text_range().start());
        let span = Span::new(start, u32::from(element.text_range().end()));
        let text = context.text(span);
        let Some((front, _)) = text.split_once('=') else { continue };
        let name = front.trim_start_matches('#').trim();
        if name != name.to_lowercase() {
            let at = start + front.find(name).unwrap_or_default() as u32;
            let place = Span::new(at, at + name.len() as u32);
            let fix = Fix::safe("write it in lower case", vec![Edit::replace(place, name.to_lowercase())]);
            out.add(Finding::new(place, format!("directive `{name}` is not in lower case")).fix(fix));
        }
    }
}
