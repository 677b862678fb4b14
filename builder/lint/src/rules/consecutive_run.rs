//! `consecutive-run`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Command as Form;
use containr_dockerfile::{Span, Spanned};

use super::edits::{blanks_between, end_of};
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint};

/// Wants RUN instructions that follow each other to be one.
pub(super) const RULE: Rule = Rule {
    id: "consecutive-run",
    severity: Severity::Info,
    summary: "Wants RUN instructions that follow each other to be one.",
    page: "Each RUN is a layer. Short commands that belong together are better joined; long ones may stay apart for the sake of the cache.",
    aliases: &[hadolint("DL3059", "Multiple consecutive `RUN` instructions. Consider consolidation.")],
    check,
};

/// A RUN with more commands was joined on purpose and stands for itself.
const MANY: usize = 1;

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut last: Option<(BTreeSet<&str>, usize)> = None;
    let mut previous: Option<&Step<'_>> = None;
    for step in &context.steps {
        let Some(script) = step.script() else {
            last = None;
            continue;
        };
        let named = script.list().iter().filter(|command| command.name().is_some()).count();
        let flags: BTreeSet<&str> = step.instruction.flags.iter().map(|flag| context.text(flag.span)).collect();
        match &last {
            Some((before, count)) if *before == flags && named <= MANY && *count <= MANY => {
                let finding = Finding::new(step.keyword(), "this RUN could be part of the one before");
                out.add(finding.hadolint(step.span).maybe_fix(previous.and_then(|before| join(context, before, step))));
            }
            _ => last = Some((flags, named)),
        }
        previous = Some(step);
    }
}

/// Returns the fix that makes a RUN part of the one before it.
pub(super) fn join(context: &Context<'_>, before: &Step<'_>, step: &Step<'_>) -> Option<Fix> {
    let text = shell_text(step)?;
    let last = shell_text(before)?.value.trim_end();
    let plain = !last.ends_with([';', '&', '|', '\\', '`']) && !last.contains('#') && !last.is_empty();
    let place = blanks_between(context, before.span, Span::new(step.span.start, step.span.start))?;
    let continued = format!(" {}{}    && ", context.parsed.escape().char(), context.line_break());
    let edit = Edit::replace(Span::new(place.start, text.span.start), continued);
    (plain && end_of(context, before).is_some()).then(|| Fix::risky("join it with the RUN before", vec![edit]))
}

/// Returns the text of a RUN in shell form without heredocs.
fn shell_text<'a>(step: &Step<'a>) -> Option<&'a Spanned<String>> {
    match step.run().filter(|run| run.heredocs.is_empty()).map(|run| &run.command) {
        Some(Form::Shell(text)) if !text.value.is_empty() => Some(text),
        _ => None,
    }
}
