//! `label-duplicate`.

use std::collections::BTreeMap;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity};

/// Wants each label once in a stage.
pub(super) const RULE: Rule = Rule {
    id: "label-duplicate",
    severity: Severity::Warning,
    summary: "Wants each label once in a stage.",
    page: "The later value replaces the earlier.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => seen.clear(),
            Kind::Label(pairs) => {
                for pair in pairs {
                    if let Some(before) = seen.insert(bare(&pair.name.value), pair.name.span) {
                        out.add(Finding::new(before, format!("label `{}` is set again later", pair.name.value)));
                    }
                }
            }
            _ => {}
        }
    }
}
