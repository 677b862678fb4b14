//! `undefined-variable`.

use containr_dockerfile::syntax::Instruction;
use containr_dockerfile::{Span, nearest};

use super::shared::each_variable;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
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
            let Ok(expanded) = stages.expand(word, variables) else { return };
            for name in expanded.unset.iter().filter(|name| !variables.knows(name)) {
                out.add(finding(instruction, span, name, variables));
            }
        });
    });
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
