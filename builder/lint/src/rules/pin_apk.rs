//! `pin-apk`.

use super::shared::each_word;
use crate::context::{Context, Step};
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `apk add`.
pub(super) const RULE: Rule = Rule {
    id: "pin-apk",
    severity: Severity::Warning,
    summary: "Wants versions in `apk add`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint(
        "DL3018",
        "Pin versions in apk add. Instead of `apk add <package>` use `apk add <package>=<version>`",
    )],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_word(context, out, packages, |word| format!("`{}` is installed in any version", word.text));
}

fn packages<'c>(_: &Step<'_>, command: &'c Command) -> Vec<&'c Word> {
    if !command.runs(&["apk"], &["add"]) {
        return Vec::new();
    }
    let mut words = command.plain_args(&["t", "virtual", "repository", "X"]);
    let pinned = |text: &str| text.contains(['=', '~', '<', '>']) || text.ends_with(".apk");
    words.retain(|word| word.text != "add" && !pinned(&word.text));
    words
}
