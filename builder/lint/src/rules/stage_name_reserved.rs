//! `stage-name-reserved`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, hadolint};

/// Wants no reserved word as a stage name.
pub(super) const RULE: Rule = Rule {
    id: "stage-name-reserved",
    severity: Severity::Warning,
    summary: "Wants no reserved word as a stage name.",
    page: "`scratch` and `context` have a meaning of their own; a stage of that name cannot be reached.",
    aliases: &[hadolint("DL3063", "stage name should not be a reserved word"), buildkit("ReservedStageName")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let (Kind::From(from), Some(base)) = (step.kind(), step.base()) else { continue };
        let Some(name) = from.name.as_ref().filter(|name| is_reserved(&name.value)) else { continue };
        let remark = format!("Stage name should not use the same name as reserved stage {:?}", name.value);
        let finding = Finding::new(name.span, format!("`{}` is a reserved word", name.value));
        let wanted = format!("{}-stage", name.value);
        // What says the reserved word means the reserved thing, hence only the name itself changes.
        let fix = Fix::risky(format!("call it `{wanted}`"), vec![Edit::replace(name.span, wanted)]);
        let finding = finding.buildkit(step.span, remark).fix(fix);
        out.add(if base.alias.is_some_and(is_reserved) { finding.hadolint(step.span) } else { finding });
    }
}

fn is_reserved(name: &str) -> bool {
    matches!(name, "scratch" | "context")
}
