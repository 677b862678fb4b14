//! `pipefail-missing`.

use containr_dockerfile::syntax::{Command as Form, Kind};

use super::edits::line_above;
use super::shared::has_busybox;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint, semgrep};
use crate::shell::{Command, Script};

/// Wants the option pipefail before a RUN with a pipe.
pub(super) const RULE: Rule = Rule {
    id: "pipefail-missing",
    severity: Severity::Warning,
    summary: "Wants the option pipefail before a RUN with a pipe.",
    page: "Without it a pipeline succeeds when its last command does, whatever happened before.",
    aliases: &[
        hadolint(
            "DL4006",
            "Set the SHELL option -o pipefail before RUN with a pipe in it. If you are using /bin/sh in an alpine image or if your shell is symlinked to busybox then consider explicitly setting your SHELL to /bin/ash, or disable this check",
        ),
        semgrep("set-pipefail"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut guard = Guard::Missing;
    let mut shell: Option<&Step<'_>> = None;
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => (guard, shell) = (Guard::Missing, None),
            Kind::Shell(words) => (guard, shell) = (Guard::of(&Script::exec(words)), Some(step)),
            Kind::Run(_) if guard != Guard::Set => {
                let Some(script) = step.script() else { continue };
                let Some(pipe) = script.commands.pipes.first() else { continue };
                let message = "a failure before this pipe is not seen; set `-o pipefail`";
                let finding = match guard {
                    Guard::Missing => Finding::new(script.span(*pipe, pipe + 1), message),
                    _ => Finding::foreign(),
                };
                out.add(finding.hadolint(step.span).maybe_fix(set_pipefail(context, step, shell)));
            }
            _ => {}
        }
    }
}

/// Returns the fix that sets a shell with the option before a RUN.
fn set_pipefail(context: &Context<'_>, step: &Step<'_>, shell: Option<&Step<'_>>) -> Option<Fix> {
    let shell_form = step.run().is_some_and(|run| matches!(run.command, Form::Shell(_)));
    let edit = match shell.map(Step::kind) {
        Some(Kind::Shell(words)) => {
            let known = ["/bin/bash", "/bin/ash", "/bin/zsh"].contains(&words.first()?.value.as_str());
            let last = words.last().filter(|last| known && last.value.starts_with('-') && last.value.ends_with('c'))?;
            Edit::insert(last.span.start, "\"-o\", \"pipefail\", ")
        }
        // busybox has no bash, but an ash that knows the option.
        _ if has_busybox(context, step) => {
            line_above(context, step, "SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]")?
        }
        _ => line_above(context, step, "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]")?,
    };
    shell_form.then(|| Fix::risky("set the option", vec![edit]))
}

/// Says whether a shell stops at a failed pipeline.
#[derive(Clone, Copy, PartialEq)]
enum Guard {
    Missing,
    /// It does, or it is no shell that could.
    Set,
    /// It does, but it lies where hadolint 2.15 does not know it.
    Elsewhere,
}

impl Guard {
    fn of(shell: &Script) -> Self {
        if ["pwsh", "powershell", "cmd"].iter().any(|name| shell.text.starts_with(name)) {
            return Self::Set;
        }
        let stops = |command: &&Command| command.has_flag(&["o"]) && command.has_arg("pipefail");
        let name = shell.list().iter().find(stops).and_then(Command::name).unwrap_or_default();
        let (folder, file) = name.rsplit_once('/').unwrap_or(("/bin", name));
        match (["bash", "zsh", "ash"].contains(&file), folder) {
            (true, "/bin") => Self::Set,
            (true, _) => Self::Elsewhere,
            (false, _) => Self::Missing,
        }
    }
}
