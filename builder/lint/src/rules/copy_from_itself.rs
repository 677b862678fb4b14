//! `copy-from-itself`.

use containr_dockerfile::syntax::{Copy, Kind};

use super::edits::drop_argument;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint, trivy};

/// Wants COPY --from not to name its own stage.
pub(super) const RULE: Rule = Rule {
    id: "copy-from-itself",
    severity: Severity::Error,
    summary: "Wants COPY --from not to name its own stage.",
    page: "A stage cannot copy from itself: the build fails.",
    aliases: &[
        hadolint("DL3023", "`COPY --from` cannot reference its own `FROM` alias"),
        trivy("DS-0006"),
        trivy("no-self-referencing-copy-from"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut current = None;
    for step in &context.steps {
        if let Some(base) = step.base() {
            current = base.alias;
        }
        let Kind::Copy(Copy { from: Some(from), .. }) = step.kind() else { continue };
        let Some(alias) = current else { continue };
        if alias.eq_ignore_ascii_case(&from.value) {
            let finding = Finding::new(from.span, format!("stage `{alias}` copies from itself"));
            let finding = finding.maybe_fix(from_context(context, step));
            out.add(if alias == from.value { finding.hadolint(step.span) } else { finding });
        }
    }
}

/// Returns the fix that copies from the context instead.
fn from_context(context: &Context<'_>, step: &Step<'_>) -> Option<Fix> {
    let flag = step.instruction.flags.iter().find(|flag| flag.name.value == "from")?;
    Some(Fix::risky("copy from the context", vec![drop_argument(context, step, flag.span, 2)?]))
}
