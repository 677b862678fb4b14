//! `from-as-casing`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};

/// Wants FROM and AS in the same case.
pub(super) const RULE: Rule = Rule {
    id: "from-as-casing",
    severity: Severity::Warning,
    summary: "Wants FROM and AS in the same case.",
    page: "Mixed case of one instruction's keywords is hard to read.",
    aliases: &[buildkit("FromAsCasing")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let (Some(name), keyword) = (&from.name, step.instruction.keyword.value.as_str()) else { continue };
        let between = Span::new(from.base.span.end, name.span.start);
        let text = context.text(between);
        let Some(index) = text.to_lowercase().find("as") else { continue };
        let at = between.start + index as u32;
        let place = Span::new(at, at + 2);
        let written = context.text(place);
        let wanted = match keyword {
            _ if keyword == keyword.to_lowercase() => "as",
            _ if keyword == keyword.to_uppercase() => "AS",
            _ => continue,
        };
        if written != wanted {
            let remark = format!("'{written}' and '{keyword}' keywords' casing do not match");
            let fix = Fix::safe(format!("write {wanted}"), vec![Edit::replace(place, wanted)]);
            let message = format!("`{written}` is not in the case of `{keyword}`");
            out.add(Finding::new(place, message).buildkit(step.span, remark).fix(fix));
        }
    }
}
