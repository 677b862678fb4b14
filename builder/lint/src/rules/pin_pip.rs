//! `pin-pip`.

use super::shared::{each_word, is_pip_install};
use crate::context::{Context, Step};
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `pip install`.
pub(super) const RULE: Rule = Rule {
    id: "pin-pip",
    severity: Severity::Warning,
    summary: "Wants versions in `pip install`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint(
        "DL3013",
        "Pin versions in pip. Instead of `pip install <package>` use `pip install <package>==<version>` or `pip install --requirement <requirements file>`",
    )],
    check,
};

/// The options of pip that take a value.
const VALUED: [&str; 26] = [
    "abi",
    "b",
    "build",
    "e",
    "editable",
    "extra-index-url",
    "f",
    "find-links",
    "i",
    "index-url",
    "implementation",
    "no-binary",
    "only-binary",
    "platform",
    "prefix",
    "progress-bar",
    "proxy",
    "python",
    "python-version",
    "root",
    "root-user-action",
    "src",
    "t",
    "target",
    "trusted-host",
    "upgrade-strategy",
];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_word(context, out, packages, |word| format!("`{}` is installed in any version", word.text));
}

fn packages<'c>(_: &Step<'_>, command: &'c Command) -> Vec<&'c Word> {
    let listed = ["--requirement", "-r", "."].iter().any(|arg| command.has_arg(arg));
    if !is_pip_install(command) || listed || command.has_flag(&["constraint", "c"]) {
        return Vec::new();
    }
    let words = command.plain_args(&VALUED).into_iter().skip_while(|word| word.text != "install");
    words.skip_while(|word| word.text == "install").filter(|word| !is_pinned(&word.text)).collect()
}

fn is_pinned(package: &str) -> bool {
    let remote = is_repository(package);
    ["==", ">=", "<=", ">", "<", "!=", "~="].iter().any(|sign| package.contains(sign))
        || (remote && package.contains('@'))
        || package.ends_with(".whl")
        || package.ends_with(".tar.gz")
        || (!remote && package.contains('/'))
}

fn is_repository(package: &str) -> bool {
    ["git", "hg", "svn", "bzr"].iter().any(|system| match package.strip_prefix(system) {
        Some(rest) => *system == "git" || *system == "svn" || rest.starts_with('+'),
        None => false,
    })
}
