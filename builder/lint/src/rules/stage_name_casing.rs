//! `stage-name-casing`.

use containr_dockerfile::syntax::Kind;

use super::stage_rename::rename;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
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
        let fix = Fix::safe("write the name in lower case", rename(context, &name.value, name.span, &name.value));
        out.add(
            Finding::new(name.span, format!("stage name `{alias}` is not in lower case"))
                .buildkit(step.span, message)
                .fix(fix),
        );
    }
}
