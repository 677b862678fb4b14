//! `label-empty`.

use super::labels::wrong_labels;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants a value in every wanted label.
pub(super) const RULE: Rule = Rule {
    id: "label-empty",
    severity: Severity::Warning,
    summary: "Wants a value in every wanted label.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3051", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, label, value) in wrong_labels(context, None, |value| !value.is_empty()) {
        let own = format!("label `{label}` lacks a value");
        out.add(Finding::new(value, own).voice(Peer::Hadolint, step, format!("label `{label}` is empty.")));
    }
}
