//! `label-not-time`.

use super::labels::wrong_labels;
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants a time by RFC 3339 in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-time",
    severity: Severity::Warning,
    summary: "Wants a time by RFC 3339 in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3053", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, label, value) in wrong_labels(context, Some(LabelKind::Rfc3339), super::labels::is_time) {
        let own = format!("label `{label}` lacks a time by RFC 3339");
        out.add(Finding::new(value, own).voice(
            Peer::Hadolint,
            step,
            format!("Label `{label}` is not a valid time format - must conform to RFC3339."),
        ));
    }
}
