//! `label-not-license`.

use super::labels::wrong_labels;
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants the identifier of a licence in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-license",
    severity: Severity::Warning,
    summary: "Wants the identifier of a licence in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3054", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, label, value) in wrong_labels(context, Some(LabelKind::Spdx), super::labels::is_license) {
        let own = format!("label `{label}` lacks the identifier of a licence");
        out.add(Finding::new(value, own).voice(
            Peer::Hadolint,
            step,
            format!("Label `{label}` is not a valid SPDX identifier."),
        ));
    }
}
