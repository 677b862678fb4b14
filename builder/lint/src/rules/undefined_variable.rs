//! `undefined-variable`.

use std::sync::Arc;

use containr_dockerfile::expand::{Dialect, expand};
use containr_dockerfile::syntax::{Instruction, Kind, Source};
use containr_dockerfile::{Span, Spanned, nearest};

use super::edits::line_above;
use super::shared::each_variable;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};
use crate::stages::Variables;

/// Wants variables to be defined before they are used.
pub(super) const RULE: Rule = Rule {
    id: "undefined-variable",
    severity: Severity::Warning,
    summary: "Wants variables to be defined before they are used.",
    page: "A variable that neither ENV nor ARG defines is empty. Variables of the base image are not known without it, hence a reference to one is remarked on too.",
    aliases: &[buildkit("UndefinedVar")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = context.stages();
    stages.walk(context.parsed, |_, instruction, variables| {
        each_variable(instruction, |word, span| {
            if stages.is_plain(word) {
                return;
            }
            let Ok(expanded) = stages.expand(word, variables) else { return };
            for name in expanded.unset.iter().filter(|name| !variables.knows(name)) {
                let finding = finding(instruction, span, name, variables);
                out.add(finding.maybe_fix(repair(context, instruction, span, name, variables)));
            }
        });
        for body in bodies(instruction) {
            let Ok(expanded) = expand(&body.value, Dialect::heredoc(), &variables.values) else { continue };
            for name in expanded.unset.iter().filter(|name| !variables.knows(name)) {
                out.add(finding(instruction, reference(body, name), name, variables));
            }
        }
    });
}

/// Returns the texts of files that COPY or ADD writes with variables filled in, each once.
fn bodies(instruction: &Instruction) -> Vec<&Spanned<Arc<str>>> {
    let sources = match &instruction.kind {
        Kind::Copy(copy) => copy.sources.as_slice(),
        Kind::Add(add) => add.sources.as_slice(),
        _ => &[],
    };
    let expanded = sources.iter().filter_map(|source| match source {
        Source::Heredoc(heredoc) if heredoc.expand => Some(&heredoc.content),
        _ => None,
    });
    let mut bodies: Vec<_> = expanded.collect();
    // Sources with one word share one body.
    bodies.sort_by_key(|body| body.span);
    bodies.dedup_by_key(|body| body.span);
    bodies
}

/// Returns the place of the first reference to a variable; that of the whole text where it is written in another way.
fn reference(text: &Spanned<Arc<str>>, name: &str) -> Span {
    let found = ["$", "${"].iter().filter_map(|sign| Some((text.value.find(&format!("{sign}{name}"))?, sign.len())));
    found.min().map_or(text.span, |(at, sign)| {
        let start = text.span.start + at as u32;
        Span::new(start, start + (sign + name.len()) as u32)
    })
}

fn finding(instruction: &Instruction, span: Span, name: &str, variables: &Variables) -> Finding {
    let near = nearest(name, variables.values.keys().map(String::as_str));
    let hint = near.map(|near| format!(" (did you mean ${near}?)")).unwrap_or_default();
    let remark = format!("Usage of undefined variable '${name}'{hint}");
    let message = match near {
        Some(near) => format!("`${name}` is not defined; did you mean `${near}`?"),
        None => format!("`${name}` is not defined"),
    };
    Finding::new(span, message).buildkit(instruction.span, remark)
}

/// Returns the fix that writes the variable that was meant, or else declares it as an argument.
fn repair(
    context: &Context<'_>,
    instruction: &Instruction,
    span: Span,
    name: &str,
    variables: &Variables,
) -> Option<Fix> {
    if let Some(near) = nearest(name, variables.values.keys().map(String::as_str)) {
        return Some(Fix::risky(format!("write `${near}`"), vec![replace_name(context, span, name, near)?]));
    }
    let step = context.step_from(instruction.span.start)?;
    // Declared before the first stage it must be named again inside of one; from its base it would come unasked.
    Some(Fix::risky("declare it as an argument", vec![line_above(context, step, &format!("ARG {name}"))?]))
}

/// Returns the edit that writes another name for a variable's first use in a word.
pub(super) fn replace_name(context: &Context<'_>, span: Span, name: &str, wanted: &str) -> Option<Edit> {
    let text = context.text(span);
    let ends = |at: usize| !text[at..].starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
    let begins = |at: usize| text[..at].ends_with('$') || text[..at].ends_with("${");
    let mut uses = text.match_indices(name).filter(|(at, _)| begins(*at) && ends(at + name.len()));
    let at = span.start + uses.next()?.0 as u32;
    Some(Edit::replace(Span::new(at, at + name.len() as u32), wanted))
}
