//! `label-not-url`.

use super::labels::wrong_labels;
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants a URL in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-url",
    severity: Severity::Warning,
    summary: "Wants a URL in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3052", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, label, value) in wrong_labels(context, Some(LabelKind::Url), super::labels::is_url) {
        let own = format!("label `{label}` lacks a URL");
        out.add(Finding::new(value, own).voice(Peer::Hadolint, step, format!("Label `{label}` is not a valid URL.")));
    }
}
