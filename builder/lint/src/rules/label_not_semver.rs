//! `label-not-semver`.

use super::labels::wrong_labels;
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants a semantic version in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-semver",
    severity: Severity::Warning,
    summary: "Wants a semantic version in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3056", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, label, value) in wrong_labels(context, Some(LabelKind::SemVer), super::labels::is_version) {
        let own = format!("label `{label}` lacks a semantic version");
        out.add(Finding::new(value, own).voice(
            Peer::Hadolint,
            step,
            format!("Label `{label}` does not conform to semantic versioning."),
        ));
    }
}
