//! `label-not-email`.

use super::labels::Form;
use super::{label_guess, labels};
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};

/// Wants an e-mail address in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-email",
    severity: Severity::Warning,
    summary: "Wants an e-mail address in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3058", "")],
    check,
};

const FORM: Form = Form {
    kind: LabelKind::Email,
    is_right: labels::is_email,
    guess: label_guess::email,
    noun: "an e-mail address",
    remark: "is not a valid email format - must conform to RFC5322.",
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    labels::mind(context, out, &FORM);
}
