//! `cd-instead-of-workdir`.

use super::edits::{line_above, without_comments};
use super::shared::each_command;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};
use crate::shell::{Command, Script};

/// Wants WORKDIR instead of cd.
pub(super) const RULE: Rule = Rule {
    id: "cd-instead-of-workdir",
    severity: Severity::Warning,
    summary: "Wants WORKDIR instead of cd.",
    page: "A `cd` holds for its RUN only. WORKDIR holds for all that follows, and shows where the build is.",
    aliases: &[
        hadolint("DL3003", "Use WORKDIR to switch to a directory"),
        trivy("DS-0013"),
        trivy("use-workdir-over-cd"),
        semgrep("use-workdir"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let found = command.is("cd") && !step.is_trigger();
        let finding = || Finding::new(script.command(command), "use WORKDIR to change the directory");
        found.then(|| finding().maybe_fix(workdir(context, step, script, command)))
    });
}

/// Returns the fix for a cd to an absolute path that begins a RUN.
fn workdir(context: &Context<'_>, step: &Step<'_>, script: &Script, command: &Command) -> Option<Fix> {
    let [cd, path] = command.words.as_slice() else { return None };
    let next = script.text[path.end..].trim_start().strip_prefix("&&")?.trim_start();
    let plain = |char: char| char.is_ascii_alphanumeric() || "/._-+".contains(char);
    let simple = path.literal && path.text.starts_with('/') && path.text.chars().all(plain);
    if !simple || script.is_exec() || !script.text[..cd.start].trim().is_empty() {
        return None;
    }
    let place = without_comments(context, script.exact(cd.start, script.text.len() - next.len())?)?;
    let line = line_above(context, step, &format!("WORKDIR {}", path.text))?;
    Some(Fix::risky("use WORKDIR", vec![line, Edit::remove(place)]))
}
