//! `docker-socket`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
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
        let words: Vec<(&str, Span)> = match step.kind() {
            Kind::Volume(paths) => paths.iter().map(|path| (path.value.as_str(), path.span)).collect(),
            Kind::Run(run) => {
                let options = run.mounts.iter().flat_map(|mount| &mount.options);
                options.map(|option| (option.value.as_deref().unwrap_or_default(), option.text.span)).collect()
            }
            _ => continue,
        };
        for (_, span) in words.into_iter().filter(|(text, _)| text.contains("docker.sock")) {
            out.add(Finding::new(span, "the socket of Docker gives every right on the host"));
        }
    }
}
