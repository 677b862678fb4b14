//! `pin-zypper`.

use super::shared::each_word;
use crate::context::{Context, Step};
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `zypper install`.
pub(super) const RULE: Rule = Rule {
    id: "pin-zypper",
    severity: Severity::Warning,
    summary: "Wants versions in `zypper install`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint("DL3037", "Specify version with `zypper install -y <package>=<version>`.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_word(context, out, packages, |word| format!("`{}` is installed in any version", word.text));
}

fn packages<'c>(_: &Step<'_>, command: &'c Command) -> Vec<&'c Word> {
    if !command.runs(&["zypper"], &["install", "in"]) {
        return Vec::new();
    }
    let mut words = command.plain_args(&[]);
    let pinned = |text: &str| text.contains(['=', '<', '>']) || text.ends_with(".rpm");
    words.retain(|word| !matches!(word.text.as_str(), "install" | "in") && !pinned(&word.text));
    words
}
