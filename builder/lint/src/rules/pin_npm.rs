//! `pin-npm`.

use super::shared::each_word;
use crate::context::{Context, Step};
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `npm install`.
pub(super) const RULE: Rule = Rule {
    id: "pin-npm",
    severity: Severity::Warning,
    summary: "Wants versions in `npm install`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint(
        "DL3016",
        "Pin versions in npm. Instead of `npm install <package>` use `npm install <package>@<version>`",
    )],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_word(context, out, packages, |word| format!("`{}` is installed in any version", word.text));
}

fn packages<'c>(_: &Step<'_>, command: &'c Command) -> Vec<&'c Word> {
    let words = command.plain_args(&["loglevel", "registry"]);
    if !command.is("npm") || words.first().is_none_or(|word| word.text != "install") {
        return Vec::new();
    }
    words.into_iter().skip_while(|word| word.text == "install").filter(|word| !is_pinned(&word.text)).collect()
}

fn is_pinned(package: &str) -> bool {
    if ["git://", "git+ssh://", "git+http://", "git+https://"].iter().any(|scheme| package.starts_with(scheme)) {
        return package.contains('#');
    }
    let file = [".tar", ".tar.gz", ".tgz"].iter().any(|end| package.ends_with(end));
    let folder = ["/", "./", "../", "~/"].iter().any(|start| package.starts_with(start));
    // A scope's own sign does not count.
    let name = if package.starts_with('@') { package.trim_start_matches(|char| char > '/') } else { package };
    file || folder || name.contains('@')
}
