//! `final-newline`.

use containr_dockerfile::Span;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants a line break at the end of the file.
pub(super) const RULE: Rule = Rule {
    id: "final-newline",
    severity: Severity::Style,
    summary: "Wants a line break at the end of the file.",
    page: "Tools that join files or append lines count on it.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let text = context.parsed.text();
    let end = text.len() as u32;
    if !text.is_empty() && !text.ends_with('\n') {
        let fix = Fix::safe("add the line break", vec![Edit::insert(end, context.line_break())]);
        let last = text.chars().next_back().map_or(0, char::len_utf8) as u32;
        out.add(Finding::new(Span::new(end - last, end), "the last line has no end").fix(fix));
    }
}
