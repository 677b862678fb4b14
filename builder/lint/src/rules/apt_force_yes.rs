//! `apt-force-yes`.

use super::families::forbid_option;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no apt-get --force-yes.
pub(super) const RULE: Rule = Rule {
    id: "apt-force-yes",
    severity: Severity::Warning,
    summary: "Wants no apt-get --force-yes.",
    page: "It answers yes to everything, unsigned packages included.",
    aliases: &[checkov("CKV2_DOCKER_11")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_option(context, out, &["apt", "apt-get"], is_off);
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    word.text == "--force-yes"
}
