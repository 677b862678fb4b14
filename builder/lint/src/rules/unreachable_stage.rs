//! `unreachable-stage`.

use std::collections::BTreeMap;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Copy, Kind, MountKey};

use super::edits::drop_instruction;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
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
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); stages.len()];
    for (index, step) in context.in_stages() {
        let used = uses(step);
        let known =
            used.iter().filter_map(|name| names.get(name.to_lowercase().as_str()).copied().or(name.parse().ok()));
        edges[index].extend(known.filter(|target| *target < index));
        if let Kind::From(from) = step.kind() {
            edges[index].extend(context.stages().parents[index]);
            names.extend(from.name.as_ref().map(|name| (name.value.as_str(), index)));
        }
    }
    let mut reached = vec![false; stages.len()];
    let mut open: Vec<usize> = stages.len().checked_sub(1).into_iter().collect();
    while let Some(index) = open.pop() {
        if !std::mem::replace(&mut reached[index], true) {
            open.extend(&edges[index]);
        }
    }
    // A number that names a stage would mean another one afterwards.
    let numbered = context.in_stages().any(|(_, step)| uses(step).iter().any(|name| name.parse::<usize>().is_ok()));
    for (index, _) in reached.iter().enumerate().filter(|(_, reached)| !**reached) {
        let finding = Finding::new(stages[index].from.keyword.span, "the last stage does not use this one");
        let (first, last) = (context.stage(index).first(), context.stage(index).last());
        let edit = first.zip(last).map(|(first, last)| {
            Edit::remove(Span::new(first.span.start, after_blanks(context, drop_instruction(context, last).span.end)))
        });
        let fix = edit.filter(|_| !numbered).map(|edit| Fix::risky("remove the stage", vec![edit]));
        out.add(finding.maybe_fix(fix));
    }
}

/// Returns the stages or images that an instruction copies or mounts from.
fn uses<'a>(step: &Step<'a>) -> Vec<&'a str> {
    match step.kind() {
        Kind::Copy(Copy { from: Some(from), .. }) => vec![&from.value],
        Kind::Run(run) => {
            let options = run.mounts.iter().flat_map(|mount| &mount.options);
            options.filter(|option| option.key == MountKey::From).filter_map(|option| option.value.as_deref()).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns where the empty lines at a place end.
fn after_blanks(context: &Context<'_>, at: u32) -> u32 {
    let rest = &context.parsed.text()[at as usize..];
    at + (rest.len() - rest.trim_start_matches(['\r', '\n']).len()) as u32
}
