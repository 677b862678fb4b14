//! `description-format`.

use containr_dockerfile::syntax::{Check, Kind, Rules};
use containr_dockerfile::{Spanned, comment_check};

use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};

/// Wants the comment above FROM or ARG to begin with the name that it describes.
pub(super) const RULE: Rule = Rule {
    id: "description-format",
    severity: Severity::Style,
    summary: "Wants the comment above FROM or ARG to begin with the name that it describes.",
    page: "`docker build --call=outline` shows such comments as descriptions. An experimental check of BuildKit.",
    aliases: &[buildkit("InvalidDefinitionDescription")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let (keyword, names): (_, Vec<&str>) = match step.kind() {
            Kind::From(from) => ("FROM", from.name.iter().map(|name| name.value.as_str()).collect()),
            Kind::Arg(all) => ("ARG", all.iter().map(|one| one.name.value.as_str()).collect()),
            _ => continue,
        };
        let Some(comment) = step.instruction.comments.last() else { continue };
        let word = comment.value.split(' ').next().unwrap_or_default();
        if names.is_empty() || names.contains(&word) || !is_on(context, step) {
            continue;
        }
        let example = if let [name] = names.as_slice() { name } else { "<arg_key>" };
        let remark = format!("Comment for {keyword} should follow the format: `# {example} <description>`");
        let message = format!("the description does not begin with `{example}`");
        let name = if let [name] = names.as_slice() { Some(*name) } else { None };
        let fix = name.and_then(|name| describe(context, comment, name));
        out.add(Finding::new(comment.span, message).buildkit(step.span, remark).maybe_fix(fix));
    }
}

/// Tells whether the configuration, the file or a comment above the instruction switches experimental checks on.
fn is_on(context: &Context<'_>, step: &Step<'_>) -> bool {
    let names_it = |check: &Check| match &check.experimental {
        Rules::All => true,
        Rules::Named(names) => names.iter().any(|name| name == "InvalidDefinitionDescription"),
    };
    let above = || step.instruction.comments.iter().find_map(|comment| comment_check(&comment.value));
    context.config.experimental
        || context.config.checks(context.parsed).is_some_and(names_it)
        || above().as_ref().is_some_and(names_it)
}

/// Returns the fix that begins a description with the name that it describes.
fn describe(context: &Context<'_>, comment: &Spanned<String>, name: &str) -> Option<Fix> {
    let text = context.text(comment.span);
    let at = comment.span.start + text.find(comment.value.trim_start())? as u32;
    let text = if comment.value.trim().is_empty() { name.to_owned() } else { format!("{name} ") };
    Some(Fix::safe("begin with the name", vec![Edit::insert(at, text)]))
}
