//! `label-not-url`.

use super::labels::Form;
use super::{label_guess, labels};
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};

/// Wants a URL in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-url",
    severity: Severity::Warning,
    summary: "Wants a URL in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3052", "")],
    check,
};

const FORM: Form = Form {
    kind: LabelKind::Url,
    is_right: labels::is_url,
    guess: label_guess::url,
    noun: "a URL",
    remark: "is not a valid URL.",
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    labels::mind(context, out, &FORM);
}
