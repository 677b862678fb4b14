//! `label-not-semver`.

use super::labels::Form;
use super::{label_guess, labels};
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};

/// Wants a semantic version in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-semver",
    severity: Severity::Warning,
    summary: "Wants a semantic version in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3056", "")],
    check,
};

const FORM: Form = Form {
    kind: LabelKind::SemVer,
    is_right: labels::is_version,
    guess: label_guess::version,
    noun: "a semantic version",
    remark: "does not conform to semantic versioning.",
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    labels::mind(context, out, &FORM);
}
