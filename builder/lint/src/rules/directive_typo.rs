//! `directive-typo`.

use containr_dockerfile::{Span, SyntaxKind, nearest};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants parser directives that are spelt right.
pub(super) const RULE: Rule = Rule {
    id: "directive-typo",
    severity: Severity::Warning,
    summary: "Wants parser directives that are spelt right.",
    page: "A misspelt directive is a comment and does nothing.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    // The first line that is no directive ends them: only that one can be meant as one.
    let mut elements = context.parsed.tree().children_with_tokens().filter(|one| one.kind() != SyntaxKind::Directive);
    let blank = |kind| matches!(kind, SyntaxKind::Whitespace | SyntaxKind::Newline);
    let Some(first) = elements.find(|one| !blank(one.kind())).filter(|one| one.kind() == SyntaxKind::Comment) else {
        return;
    };
    let range = first.text_range();
    let text = context.text(Span::new(range.start().into(), range.end().into()));
    let Some((front, _)) = text.split_once('=') else { return };
    let word = front.trim_start_matches('#').trim();
    let Some(near) = nearest(&word.to_lowercase(), ["syntax", "escape", "check"]) else { return };
    let start = u32::from(range.start()) + (front.len() - front.trim_start_matches(['#', ' ', '\t']).len()) as u32;
    let place = Span::new(start, start + word.len() as u32);
    let fix = Fix::risky(format!("write `{near}`"), vec![Edit::replace(place, near)]);
    out.add(Finding::new(place, format!("`{word}` is no directive; did you mean `{near}`?")).fix(fix));
}
