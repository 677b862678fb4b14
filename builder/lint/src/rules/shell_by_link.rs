//! `shell-by-link`.

use super::shared::each_command;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint, semgrep};
use crate::shell::{Command, Script};

/// Wants SHELL instead of a link at /bin/sh.
pub(super) const RULE: Rule = Rule {
    id: "shell-by-link",
    severity: Severity::Warning,
    summary: "Wants SHELL instead of a link at /bin/sh.",
    page: "SHELL changes the shell of the build only; a link changes it for every script of the image.",
    aliases: &[hadolint("DL4005", "Use SHELL to change the default shell"), semgrep("use-shell-instruction")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let link = command.runs(&["ln"], &["/bin/sh"]);
        let finding = || Finding::new(script.command(command), "use SHELL to change the shell of the build");
        link.then(|| finding().maybe_fix(set_shell(context, step, script, command)))
    });
}

/// Returns the fix for a RUN that only makes the link.
fn set_shell(context: &Context<'_>, step: &Step<'_>, script: &Script, command: &Command) -> Option<Fix> {
    let shell = command.plain_args(&[]).into_iter().find(|word| word.text != "/bin/sh")?;
    let path = if shell.text.contains('/') { shell.text.clone() } else { format!("/bin/{}", shell.text) };
    let plain = shell.literal && path.starts_with('/') && !path.contains(['"', '\\']);
    let only = script.list().len() == 1 && context.text(step.span).lines().count() == 1 && !step.is_trigger();
    let edit = Edit::replace(step.span, format!("SHELL [\"{path}\", \"-c\"]"));
    (plain && only).then(|| Fix::risky("use SHELL", vec![edit]))
}
