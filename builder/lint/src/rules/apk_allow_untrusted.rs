//! `apk-allow-untrusted`.

use super::families::forbid_option;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no apk with untrusted packages.
pub(super) const RULE: Rule = Rule {
    id: "apk-allow-untrusted",
    severity: Severity::Warning,
    summary: "Wants no apk with untrusted packages.",
    page: "Signatures of packages are not checked.",
    aliases: &[checkov("CKV2_DOCKER_7")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_option(context, out, &["apk"], is_off);
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    word.text == "--allow-untrusted"
}
