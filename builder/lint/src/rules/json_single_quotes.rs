//! `json-single-quotes`.

use containr_dockerfile::syntax::Command as Form;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, utils};

/// Wants double quotes in JSON arrays.
pub(super) const RULE: Rule = Rule {
    id: "json-single-quotes",
    severity: Severity::Warning,
    summary: "Wants double quotes in JSON arrays.",
    page: "JSON knows double quotes only: with single ones the whole is a text for the shell.",
    aliases: &[utils("JSON_IN_SINGLE_QUOTES")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let command = step.started().or_else(|| step.run().map(|run| &run.command));
        let Some(Form::Shell(text)) = command else { continue };
        let value = text.value.trim();
        if !value.starts_with("['") || !value.ends_with("']") {
            continue;
        }
        let plain = !value.contains(['"', '\\']) && context.text(text.span) == text.value;
        let edit = Edit::replace(text.span, text.value.replace('\'', "\""));
        let fix = plain.then(|| Fix::risky("use double quotes", vec![edit]));
        out.add(Finding::new(text.span, "an array with single quotes is a text for the shell").maybe_fix(fix));
    }
}
