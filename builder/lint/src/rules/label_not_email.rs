//! `label-not-email`.

use super::labels::wrong_labels;
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants an e-mail address in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-email",
    severity: Severity::Warning,
    summary: "Wants an e-mail address in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3058", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, label, value) in wrong_labels(context, Some(LabelKind::Email), super::labels::is_email) {
        let own = format!("label `{label}` lacks an e-mail address");
        out.add(Finding::new(value, own).voice(
            Peer::Hadolint,
            step,
            format!("Label `{label}` is not a valid email format - must conform to RFC5322."),
        ));
    }
}
