//! `consecutive-run`.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
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
    for step in &context.steps {
        let Some(script) = step.script() else {
            last = None;
            continue;
        };
        let named = script.list().iter().filter(|command| command.name().is_some()).count();
        let flags: BTreeSet<&str> = step.instruction.flags.iter().map(|flag| context.text(flag.span)).collect();
        match &last {
            Some((before, count)) if *before == flags && named <= MANY && *count <= MANY => {
                out.add(Finding::new(step.keyword(), "this RUN could be part of the one before").hadolint(step.span));
            }
            _ => last = Some((flags, named)),
        }
    }
}
