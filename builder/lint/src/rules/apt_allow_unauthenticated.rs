//! `apt-allow-unauthenticated`.

use super::families::forbid_option;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no apt with unauthenticated packages.
pub(super) const RULE: Rule = Rule {
    id: "apt-allow-unauthenticated",
    severity: Severity::Warning,
    summary: "Wants no apt with unauthenticated packages.",
    page: "Signatures of packages are not checked.",
    aliases: &[checkov("CKV2_DOCKER_8")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_option(context, out, &["apt", "apt-get"], is_off);
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    word.text == "--allow-unauthenticated"
}
