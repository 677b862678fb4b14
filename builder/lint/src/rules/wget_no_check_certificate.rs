//! `wget-no-check-certificate`.

use super::families::forbid_option;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};
use crate::shell::Word;

/// Wants no wget without checks of certificates.
pub(super) const RULE: Rule = Rule {
    id: "wget-no-check-certificate",
    severity: Severity::Warning,
    summary: "Wants no wget without checks of certificates.",
    page: "Whoever sits in between can answer with anything.",
    aliases: &[checkov("CKV2_DOCKER_3")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    forbid_option(context, out, &["wget"], is_off);
}

/// Tells whether a word switches the protection off.
fn is_off(word: &Word) -> bool {
    word.text == "--no-check-certificate"
}
