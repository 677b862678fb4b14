//! `label-not-git-hash`.

use super::labels::wrong_labels;
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants a commit of git in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-git-hash",
    severity: Severity::Warning,
    summary: "Wants a commit of git in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3055", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, label, value) in wrong_labels(context, Some(LabelKind::GitHash), super::labels::is_commit) {
        let own = format!("label `{label}` lacks a commit of git");
        out.add(Finding::new(value, own).voice(
            Peer::Hadolint,
            step,
            format!("Label `{label}` is not a valid git hash."),
        ));
    }
}
