//! `label-superfluous`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::edits::drop_argument;
use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint};

/// Wants no labels that the configuration does not name.
pub(super) const RULE: Rule = Rule {
    id: "label-superfluous",
    severity: Severity::Info,
    summary: "Wants no labels that the configuration does not name.",
    page: "With `strict-labels`, only the labels of `label-schema` may be set.",
    aliases: &[hadolint("DL3050", "Superfluous label(s) present.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    if !context.config.strict_labels {
        return;
    }
    for step in &context.steps {
        let Kind::Label(pairs) = step.kind() else { continue };
        let mut first = true;
        for pair in pairs.iter().filter(|pair| !context.config.labels.contains_key(bare(&pair.name.value))) {
            let finding = Finding::new(pair.name.span, format!("label `{}` is not asked for", pair.name.value));
            let span = Span::new(pair.name.span.start, pair.value.span.end);
            let edit = drop_argument(context, step, span, pairs.len());
            let fix = edit.map(|edit| Fix::risky("remove the label", vec![edit]));
            let finding = finding.maybe_fix(fix);
            out.add(if std::mem::take(&mut first) { finding.hadolint(step.span) } else { finding });
        }
    }
}
