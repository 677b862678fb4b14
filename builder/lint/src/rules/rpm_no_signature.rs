//! `rpm-no-signature`.

use super::families::forbid_option;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no rpm without checks of signatures.
pub(super) const RULE: Rule = Rule {
    id: "rpm-no-signature",
    severity: Severity::Warning,
    summary: "Wants no rpm without checks of signatures.",
    page: "Signatures of packages are not checked.",
    aliases: &[checkov("CKV2_DOCKER_10")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_option(context, out, &["rpm"], is_off);
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    ["--nodigest", "--nosignature", "--noverify", "--nofiledigest"].contains(&word.text.as_str())
}
