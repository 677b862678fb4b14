//! `docker-socket`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::edits::drop_argument;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, semgrep};

/// Wants no socket of Docker in an image.
pub(super) const RULE: Rule = Rule {
    id: "docker-socket",
    severity: Severity::Warning,
    summary: "Wants no socket of Docker in an image.",
    page: "Whoever reaches the socket is root on the host.",
    aliases: &[semgrep("dockerfile-dockerd-socket-mount")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let found: Vec<(Span, Option<Edit>)> = match step.kind() {
            Kind::Volume(paths) => {
                let sockets = paths.iter().filter(|path| is_socket(&path.value));
                sockets.map(|path| (path.span, drop_argument(context, step, path.span, paths.len()))).collect()
            }
            Kind::Run(run) => {
                let options = run.mounts.iter().flat_map(|mount| &mount.options);
                let sockets = options.filter(|option| option.value.as_deref().is_some_and(is_socket));
                sockets.map(|option| (option.text.span, without_mount(context, step, option.text.span))).collect()
            }
            _ => continue,
        };
        for (span, edit) in found {
            let fix = edit.map(|edit| Fix::risky("do not hand in the socket", vec![edit]));
            out.add(Finding::new(span, "the socket of Docker gives every right on the host").maybe_fix(fix));
        }
    }
}

fn is_socket(path: &str) -> bool {
    path.contains("docker.sock")
}

/// Returns the edit that removes the mount of which an option stands at `place`.
fn without_mount(context: &Context<'_>, step: &Step<'_>, place: Span) -> Option<Edit> {
    let flag =
        step.instruction.flags.iter().find(|flag| flag.span.start <= place.start && place.end <= flag.span.end)?;
    drop_argument(context, step, flag.span, 2)
}
