//! `unreachable-stage`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Kind, MountKey};

use super::edits::drop_instruction;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::reach::reached;
use crate::rule::{Rule, Severity};

/// Wants every stage to be used by the last one.
pub(super) const RULE: Rule = Rule {
    id: "unreachable-stage",
    severity: Severity::Info,
    summary: "Wants every stage to be used by the last one.",
    page: "A stage that nothing uses is not built, unless it is asked for by `--target`.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = &context.parsed.syntax().stages;
    let Some(last) = stages.len().checked_sub(1) else { return };
    // A number that names a stage would mean another one afterwards.
    let numbered = context.steps.iter().any(names_by_number);
    for (index, _) in reached(context.parsed, last).into_iter().enumerate().filter(|(_, reached)| !reached) {
        let finding = Finding::new(stages[index].from.keyword.span, "the last stage does not use this one");
        let fix = remove(context, index).filter(|_| !numbered);
        out.add(finding.maybe_fix(fix));
    }
}

/// Returns the fix that removes a stage with the empty lines after it.
fn remove(context: &Context<'_>, stage: usize) -> Option<Fix> {
    let (first, last) = (context.stage(stage).first()?, context.stage(stage).last()?);
    let end = drop_instruction(context, last).span.end;
    let rest = &context.parsed.text()[end as usize..];
    let blanks = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let place = Span::new(first.span.start, end + blanks as u32);
    Some(Fix::risky("remove the stage", vec![Edit::remove(place)]))
}

/// Tells whether an instruction may name a stage by its number.
fn names_by_number(step: &Step<'_>) -> bool {
    let number = |text: &str| text.parse::<usize>().is_ok();
    match step.kind() {
        Kind::Copy(copy) => copy.from.as_ref().is_some_and(|from| number(&from.value)),
        Kind::Run(run) => {
            let mut options = run.mounts.iter().flat_map(|mount| &mount.options);
            options.any(|option| option.key == MountKey::From && option.value.as_deref().is_some_and(number))
        }
        _ => false,
    }
}
