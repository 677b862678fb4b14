//! `multiple-cmd`.

use containr_dockerfile::syntax::Kind;

use super::shared::drop_instruction;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, hadolint, trivy, utils};

/// Wants at most one CMD in a stage.
pub(super) const RULE: Rule = Rule {
    id: "multiple-cmd",
    severity: Severity::Warning,
    summary: "Wants at most one CMD in a stage.",
    page: "Only the last CMD of a stage counts; the others mislead readers.",
    aliases: &[
        hadolint(
            "DL4003",
            "Multiple `CMD` instructions found. If you list more than one `CMD` then only the last `CMD` will take effect",
        ),
        buildkit("MultipleInstructionsDisallowed"),
        utils("MULTIPLE_INSTRUCTIONS"),
        trivy("DS-0016"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut last: Option<&Step<'_>> = None;
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => last = None,
            Kind::Cmd(_) => {
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
    Finding::new(before.keyword(), "a later CMD of the stage replaces this one")
        .hadolint(step.span)
        .buildkit(before.span, remark)
        .fix(fix)
}
