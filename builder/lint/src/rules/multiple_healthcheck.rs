//! `multiple-healthcheck`.

use containr_dockerfile::syntax::Kind;

use super::shared::drop_instruction;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, hadolint, trivy, utils};

/// Wants at most one HEALTHCHECK in a stage.
pub(super) const RULE: Rule = Rule {
    id: "multiple-healthcheck",
    severity: Severity::Error,
    summary: "Wants at most one HEALTHCHECK in a stage.",
    page: "Only the last HEALTHCHECK of a stage counts; the others mislead readers.",
    aliases: &[
        hadolint("DL3012", "Multiple `HEALTHCHECK` instructions"),
        buildkit("MultipleInstructionsDisallowed"),
        utils("MULTIPLE_INSTRUCTIONS"),
        trivy("DS-0023"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut last: Option<&Step<'_>> = None;
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => last = None,
            Kind::Healthcheck(_) => {
                if let Some(before) = last.replace(step) {
                    out.add(finding(context, before, step));
                }
            }
            _ => {}
        }
    }
}

fn finding(context: &Context<'_>, before: &Step<'_>, step: &Step<'_>) -> Finding {
    let keyword = &step.instruction.keyword.value;
    let remark = format!(
        "Multiple {keyword} instructions should not be used in the same stage because only the last one will be used"
    );
    let fix = Fix::risky("remove the instruction that has no effect", vec![drop_instruction(context, before)]);
    Finding::new(before.keyword(), "a later HEALTHCHECK of the stage replaces this one")
        .hadolint(step.span)
        .buildkit(before.span, remark)
        .fix(fix)
}
