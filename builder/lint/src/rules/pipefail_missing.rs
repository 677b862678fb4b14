//! `pipefail-missing`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
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
    let mut safe = false;
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => safe = false,
            Kind::Shell(words) => safe = is_safe(&Script::exec(words)),
            Kind::Run(_) if !safe => {
                let Some(script) = step.script() else { continue };
                let Some(pipe) = script.commands.pipes.first() else { continue };
                let message = "a failure before this pipe is not seen; set `-o pipefail`";
                out.add(Finding::new(script.span(*pipe, pipe + 1), message).hadolint(step.span));
            }
            _ => {}
        }
    }
}

/// Tells whether a shell stops at a failed pipeline, or is none that could.
fn is_safe(shell: &Script) -> bool {
    let other = ["pwsh", "powershell", "cmd"].iter().any(|name| shell.text.starts_with(name));
    let stops = |command: &Command| {
        let name = command.name().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
        ["bash", "zsh", "ash"].contains(&name) && command.has_flag(&["o"]) && command.has_arg("pipefail")
    };
    other || shell.list().iter().any(stops)
}
