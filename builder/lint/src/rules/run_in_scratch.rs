//! `run-in-scratch`.

use containr_dockerfile::syntax::{Command as Form, Kind};

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity};

/// Wants no shell form of RUN in a stage from scratch.
pub(super) const RULE: Rule = Rule {
    id: "run-in-scratch",
    severity: Severity::Error,
    summary: "Wants no shell form of RUN in a stage from scratch.",
    page: "`scratch` holds no shell: the step fails.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut bare_stage = false;
    for step in &context.steps {
        match step.kind() {
            Kind::From(from) => bare_stage = from.base.value == "scratch",
            // Whatever is put into the stage may hold a shell.
            Kind::Copy(_) | Kind::Add(_) | Kind::Shell(_) => bare_stage = false,
            Kind::Run(run) if bare_stage && matches!(run.command, Form::Shell(_)) && run.mounts.is_empty() => {
                out.add(Finding::new(step.keyword(), "there is no shell in a stage from scratch"));
            }
            _ => {}
        }
    }
}
