//! `rpm-no-gpg-check`.

use super::families::forbid_option;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no dnf and yum without checks of signatures.
pub(super) const RULE: Rule = Rule {
    id: "rpm-no-gpg-check",
    severity: Severity::Warning,
    summary: "Wants no dnf and yum without checks of signatures.",
    page: "Signatures of packages are not checked.",
    aliases: &[checkov("CKV2_DOCKER_9")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_option(context, out, &["dnf", "microdnf", "tdnf", "yum"], is_off);
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    word.text == "--nogpgcheck"
}
