//! `label-not-git-hash`.

use super::labels::Form;
use super::{label_guess, labels};
use crate::config::LabelKind;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};

/// Wants a commit of git in labels that must hold one.
pub(super) const RULE: Rule = Rule {
    id: "label-not-git-hash",
    severity: Severity::Warning,
    summary: "Wants a commit of git in labels that must hold one.",
    page: "The configuration (`label-schema`) says what the label holds; here it holds something else.",
    aliases: &[hadolint("DL3055", "")],
    check,
};

const FORM: Form = Form {
    kind: LabelKind::GitHash,
    is_right: labels::is_commit,
    guess: label_guess::commit,
    noun: "a commit of git",
    remark: "is not a valid git hash.",
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    labels::mind(context, out, &FORM);
}
