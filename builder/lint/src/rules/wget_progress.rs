//! `wget-progress`.

use super::edits::insert_after;
use super::shared::{each_command, has_busybox};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants wget without its progress bar.
pub(super) const RULE: Rule = Rule {
    id: "wget-progress",
    severity: Severity::Info,
    summary: "Wants wget without its progress bar.",
    page: "The bar fills the log of a build with thousands of dots.",
    aliases: &[hadolint(
        "DL3047",
        "Avoid use of wget without progress bar. Use `wget --progress=dot:giga <url>`. Or consider using `-q` or `-nv` (shorthands for `--quiet` or `--no-verbose`).",
    )],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let quiet = ["progress", "q", "quiet", "o", "output-file", "a", "append-output", "no-verbose"];
        let noisy = !command.has_flag(&quiet) && !command.has_arg("-nv");
        let name = command.words.first().filter(|_| command.is("wget") && noisy)?;
        // BusyBox's wget knows no other way.
        let fix = match has_busybox(context, step) {
            true => insert_after(script, name, " -q", "be quiet"),
            false => insert_after(script, name, " --progress=dot:giga", "use a short progress report"),
        };
        Some(Finding::new(script.command(command), "wget fills the log with its progress").maybe_fix(fix))
    });
}
