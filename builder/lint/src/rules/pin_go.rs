//! `pin-go`.

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `go install`.
pub(super) const RULE: Rule = Rule {
    id: "pin-go",
    severity: Severity::Warning,
    summary: "Wants versions in `go install`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint(
        "DL3062",
        "Pin versions in go. Instead of `go install <package>` use `go install <package>@<version>`",
    )],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (step, script) in context.scripts() {
        let run: Vec<&Word> = script.list().iter().flat_map(run_packages).collect();
        let packages = if run.is_empty() { script.list().iter().flat_map(got_packages).collect() } else { run };
        let mut first = true;
        for word in packages.into_iter().filter(|word| !is_pinned(&word.text)) {
            let message = format!("`{}` is fetched in any version", word.text);
            let finding = Finding::new(script.word(word), message);
            out.add(if std::mem::take(&mut first) { finding.hadolint(step.span) } else { finding });
        }
    }
}

/// Returns the package of `go run`; what follows it are arguments of the program.
fn run_packages(command: &Command) -> Vec<&Word> {
    if !command.runs(&["go"], &["run"]) {
        return Vec::new();
    }
    command.plain_args(&[]).into_iter().take(2).filter(|word| word.text != "run").collect()
}

fn got_packages(command: &Command) -> Vec<&Word> {
    if !command.runs(&["go"], &["install", "get"]) {
        return Vec::new();
    }
    let words = command.plain_args(&[]).into_iter();
    words.filter(|word| !["install", "get", "tool"].contains(&word.text.as_str())).collect()
}

fn is_pinned(package: &str) -> bool {
    package.starts_with(['/', '.'])
        || (package.contains('@') && !package.ends_with("@latest") && !package.ends_with("@none"))
}
