//! `pin-apt`.

use super::shared::each_word;
use crate::context::{Context, Step};
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `apt-get install`.
pub(super) const RULE: Rule = Rule {
    id: "pin-apt",
    severity: Severity::Warning,
    summary: "Wants versions in `apt-get install`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint(
        "DL3008",
        "Pin versions in apt get install. Instead of `apt-get install <package>` use `apt-get install <package>=<version>`",
    )],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_word(context, out, packages, |word| format!("`{}` is installed in any version", word.text));
}

fn packages<'c>(_: &Step<'_>, command: &'c Command) -> Vec<&'c Word> {
    if !command.runs(&["apt-get"], &["install"]) {
        return Vec::new();
    }
    let mut words = command.plain_args(&["t", "target-release"]);
    words.retain(|word| word.text != "install" && !is_pinned(&word.text));
    words
}

fn is_pinned(package: &str) -> bool {
    package.contains(['=', '/']) || package.ends_with(".deb")
}
