//! `pin-gem`.

use super::shared::each_word;
use crate::context::{Context, Step};
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `gem install`.
pub(super) const RULE: Rule = Rule {
    id: "pin-gem",
    severity: Severity::Warning,
    summary: "Wants versions in `gem install`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint(
        "DL3028",
        "Pin versions in gem install. Instead of `gem install <gem>` use `gem install <gem>:<version>`",
    )],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_word(context, out, packages, |word| format!("`{}` is installed in any version", word.text));
}

fn packages<'c>(_: &Step<'_>, command: &'c Command) -> Vec<&'c Word> {
    let versioned = command.args().iter().any(|word| word.text.starts_with("--version=") || word.text == "--version");
    if !command.runs(&["gem"], &["install", "i"]) || versioned || command.has_arg("-v") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut words = command.args().iter().take_while(|word| word.text != "--");
    while let Some(word) = words.next() {
        if word.text.starts_with('-') {
            // Every option may take a value.
            words.next();
        } else if word.text != "install" && word.text != "i" && !word.text.contains(':') {
            found.push(word);
        }
    }
    found
}
