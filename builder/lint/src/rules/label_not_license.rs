//! `label-not-license`.

use super::labels::Form;
use super::{label_guess, labels};
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};

/// Wants the identifier of a licence in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-license",
    severity: Severity::Warning,
    summary: "Wants the identifier of a licence in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3054", "")],
    check,
};

const FORM: Form = Form {
    kind: LabelKind::Spdx,
    is_right: labels::is_license,
    guess: label_guess::license,
    noun: "the identifier of a licence",
    remark: "is not a valid SPDX identifier.",
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    labels::mind(context, out, &FORM);
}
