//! `label-missing`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::{Copy, Kind};

use super::shared::bare;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings};
use crate::image::Base;
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants the labels that the configuration asks for.
pub(super) const RULE: Rule = Rule {
    id: "label-missing",
    severity: Severity::Info,
    summary: "Wants the labels that the configuration asks for.",
    page: "A label of `label-schema` is set in no instruction of the stage.",
    aliases: &[hadolint("DL3049", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for label in context.config.labels.keys() {
        for step in without(context, label) {
            let message = format!("Label `{label}` is missing.");
            let own = format!("label `{label}` is missing in this stage");
            out.add(Finding::new(step.keyword(), own).voice(Peer::Hadolint, step.span, message));
        }
    }
}

/// Returns the FROM of each stage that lacks a label, stages that only feed others left out.
fn without<'c, 'a>(context: &'c Context<'a>, label: &str) -> Vec<&'c Step<'a>> {
    let mut bad: Vec<(&Step<'_>, Base<'_>)> = Vec::new();
    let mut good: BTreeSet<&str> = BTreeSet::new();
    let mut current: Option<(&Step<'_>, Base<'_>)> = None;
    for step in &context.steps {
        if let Some(base) = step.base() {
            if good.contains(base.name) {
                good.extend(base.alias);
            } else {
                bad.push((step, base));
            }
            current = step.base().map(|base| (step, base));
        }
        match step.kind() {
            Kind::Copy(Copy { from: Some(from), .. }) => bad.retain(|(_, base)| base.alias != Some(&from.value)),
            Kind::Label(pairs) if pairs.iter().any(|pair| bare(&pair.name.value) == label) => {
                let Some((from, base)) = &current else { continue };
                let name = base.stage_name();
                bad.retain(|(other, base)| base.alias != Some(name) && other.span != from.span);
                good.extend(base.alias);
            }
            _ => {}
        }
    }
    bad.into_iter().map(|(step, _)| step).collect()
}
