//! `stage-name-casing`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};

/// Wants stage names in lower case.
pub(super) const RULE: Rule = Rule {
    id: "stage-name-casing",
    severity: Severity::Warning,
    summary: "Wants stage names in lower case.",
    page: "Names of stages are compared without regard to case; one spelling reads best.",
    aliases: &[buildkit("StageNameCasing")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let (Kind::From(from), Some(base)) = (step.kind(), step.base()) else { continue };
        let (Some(name), Some(alias)) = (&from.name, base.alias) else { continue };
        if alias == name.value {
            continue;
        }
        let message = format!("Stage name '{alias}' should be lowercase");
        let fix = Fix::safe("write the name in lower case", rename(context, &name.value, name.span));
        out.add(
            Finding::new(name.span, format!("stage name `{alias}` is not in lower case"))
                .buildkit(step.span, message)
                .fix(fix),
        );
    }
}

/// Returns the edits that write a stage's name in lower case wherever it stands.
fn rename(context: &Context<'_>, name: &str, place: Span) -> Vec<Edit> {
    let mut places = vec![place];
    for step in context.steps.iter().filter(|step| step.span.start > place.start) {
        let used = match step.kind() {
            Kind::From(from) => Some(&from.base),
            Kind::Copy(copy) => copy.from.as_ref(),
            _ => None,
        };
        places.extend(
            used.filter(|used| used.value.eq_ignore_ascii_case(name) && used.value != name).map(|used| used.span),
        );
    }
    places.into_iter().map(|span| Edit::replace(span, name)).collect()
}
