//! `copy-from-empty-stage`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity};

/// Wants no COPY from a stage that holds nothing.
pub(super) const RULE: Rule = Rule {
    id: "copy-from-empty-stage",
    severity: Severity::Warning,
    summary: "Wants no COPY from a stage that holds nothing.",
    page: "A stage from scratch into which nothing was put has no files: the step fails.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut empty: BTreeSet<&str> = BTreeSet::new();
    let mut current: Option<&str> = None;
    for (_, step) in context.in_stages() {
        match step.kind() {
            Kind::From(from) => {
                current = from.name.as_ref().map(|name| name.value.as_str());
                let holds_nothing = from.base.value == "scratch" || empty.contains(from.base.value.as_str());
                match current {
                    Some(name) if holds_nothing => drop(empty.insert(name)),
                    Some(name) => drop(empty.remove(name)),
                    None => {}
                }
            }
            Kind::Copy(copy) => {
                if let Some(from) = copy.from.as_ref().filter(|from| empty.contains(from.value.as_str())) {
                    out.add(Finding::new(from.span, format!("stage `{}` holds no files", from.value)));
                }
                current.map(|name| empty.remove(name));
            }
            Kind::Add(_) | Kind::Run(_) | Kind::Workdir(_) => drop(current.map(|name| empty.remove(name))),
            _ => {}
        }
    }
}
