//! `empty-continuation`.

use containr_dockerfile::{Code, Span};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, utils};

/// Wants no empty lines inside of an instruction.
pub(super) const RULE: Rule = Rule {
    id: "empty-continuation",
    severity: Severity::Warning,
    summary: "Wants no empty lines inside of an instruction.",
    page: "An empty line after a continuation does not end the instruction, though it looks so. BuildKit will refuse it one day.",
    aliases: &[buildkit("NoEmptyContinuation"), utils("EMPTY_CONTINUATION_LINE")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for remark in context.parsed.diagnostics().iter().filter(|one| one.code == Code::EmptyContinuation) {
        let text = context.parsed.text().as_bytes();
        let end = remark.span.end as usize;
        let after = text[end..].iter().position(|byte| *byte == b'\n').map_or(end, |index| end + index + 1);
        let line = Span::new(remark.span.start, after as u32);
        let last = context.steps.partition_point(|step| step.span.start <= remark.span.start);
        let whole = last.checked_sub(1).map_or(remark.span, |index| context.steps[index].span);
        // BuildKit points at the last line of the instruction.
        let at = Span::new(last_line_start(context, whole), whole.end);
        let fix = Fix::safe("remove the empty line", vec![Edit::remove(line)]);
        out.add(
            Finding::new(remark.span, "an empty line inside of an instruction")
                .buildkit(at, "Empty continuation line")
                .fix(fix),
        );
    }
}

fn last_line_start(context: &Context<'_>, span: Span) -> u32 {
    let text = context.text(span);
    span.start + text.rfind('\n').map_or(0, |index| index + 1) as u32
}
