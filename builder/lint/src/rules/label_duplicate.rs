//! `label-duplicate`.

use std::collections::BTreeMap;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Kind, Pair};

use super::edits::drop_argument;
use super::shared::bare;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
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
    let mut seen: BTreeMap<&str, (&Step<'_>, &Pair, usize)> = BTreeMap::new();
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => seen.clear(),
            Kind::Label(pairs) => {
                for pair in pairs {
                    if let Some((step, before, count)) = seen.insert(bare(&pair.name.value), (step, pair, pairs.len()))
                    {
                        let span = Span::new(before.name.span.start, before.value.span.end);
                        let edit = drop_argument(context, step, span, count);
                        let fix = edit.map(|edit| Fix::risky("remove the earlier value", vec![edit]));
                        let message = format!("label `{}` is set again later", pair.name.value);
                        out.add(Finding::new(before.name.span, message).maybe_fix(fix));
                    }
                }
            }
            _ => {}
        }
    }
}
