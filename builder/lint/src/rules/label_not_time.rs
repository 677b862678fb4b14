//! `label-not-time`.

use super::labels::Form;
use super::{label_guess, labels};
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};

/// Wants a time by RFC 3339 in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-time",
    severity: Severity::Warning,
    summary: "Wants a time by RFC 3339 in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3053", "")],
    check,
};

const FORM: Form = Form {
    kind: LabelKind::Rfc3339,
    is_right: labels::is_time,
    guess: label_guess::time,
    noun: "a time by RFC 3339",
    remark: "is not a valid time format - must conform to RFC3339.",
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    labels::mind(context, out, &FORM);
}
