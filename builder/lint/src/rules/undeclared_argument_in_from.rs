//! `undeclared-argument-in-from`.

use std::collections::BTreeSet;

use containr_dockerfile::nearest;
use containr_dockerfile::syntax::Kind;

use super::edits::line_above;
use super::undefined_variable::replace_name;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};

/// Wants every variable of FROM to be declared by an ARG before the first FROM.
pub(super) const RULE: Rule = Rule {
    id: "undeclared-argument-in-from",
    severity: Severity::Warning,
    summary: "Wants every variable of FROM to be declared by an ARG before the first FROM.",
    page: "FROM sees only the arguments that are declared before the first stage, and the predefined ones of the platform.",
    aliases: &[buildkit("UndefinedArgInFrom")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = context.stages();
    let known: BTreeSet<&str> =
        stages.globals.keys().map(String::as_str).chain(stages.declared.iter().copied()).collect();
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        for word in std::iter::once(&from.base).chain(&from.platform) {
            let Ok(expanded) = stages.expand_global(&word.value) else { continue };
            for name in expanded.unset.iter().filter(|name| !known.contains(name.as_str())) {
                let near = nearest(name, known.iter().copied());
                let hint = near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
                let remark = format!("FROM argument '{name}' is not declared{hint}");
                let message = format!("`{name}` is not declared before the first FROM");
                let fix = match near {
                    Some(near) => replace_name(context, word.span, name, near)
                        .map(|edit| Fix::risky(format!("write `${near}`"), vec![edit])),
                    None => declare(context, &word.value, name),
                };
                out.add(Finding::new(word.span, message).buildkit(step.span, remark).maybe_fix(fix));
            }
        }
    }
}

/// Returns the fix that declares an argument before the first stage, where it stands for a tag.
fn declare(context: &Context<'_>, base: &str, name: &str) -> Option<Fix> {
    let tag = base.ends_with(&format!(":${name}")) || base.ends_with(&format!(":${{{name}}}"));
    let first = context.stage(0).first().filter(|_| tag)?;
    Some(Fix::risky("declare it", vec![line_above(context, first, &format!("ARG {name}=latest"))?]))
}
