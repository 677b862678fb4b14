//! `trailing-whitespace`.

use containr_dockerfile::{Span, SyntaxKind};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants no blanks at the ends of lines.
pub(super) const RULE: Rule = Rule {
    id: "trailing-whitespace",
    severity: Severity::Style,
    summary: "Wants no blanks at the ends of lines.",
    page: "They mean nothing and show up in differences. Inside of heredocs they are text and are left alone.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let heredocs: Vec<Span> = heredocs(context);
    let mut start = 0;
    for line in context.parsed.text().split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let kept = content.trim_end_matches([' ', '\t']);
        let span = Span::new(start + kept.len() as u32, start + content.len() as u32);
        start += line.len() as u32;
        let index = heredocs.partition_point(|one| one.end <= span.start);
        let inside = heredocs.get(index).is_some_and(|one| one.start <= span.start);
        if !span.is_empty() && !inside {
            let fix = Fix::safe("remove the blanks", vec![Edit::remove(span)]);
            out.add(Finding::new(span, "blanks at the end of the line").fix(fix));
        }
    }
}

fn heredocs(context: &Context<'_>) -> Vec<Span> {
    let nodes = context.parsed.tree().descendants().filter(|node| node.kind() == SyntaxKind::Heredoc);
    nodes.map(|node| Span::new(node.text_range().start().into(), node.text_range().end().into())).collect()
}
