//! `port-out-of-range`.

use containr_dockerfile::syntax::Kind;

use super::edits::drop_argument;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy, utils};

/// Wants ports from 0 to 65535 in EXPOSE.
pub(super) const RULE: Rule = Rule {
    id: "port-out-of-range",
    severity: Severity::Error,
    summary: "Wants ports from 0 to 65535 in EXPOSE.",
    page: "A larger number is no port; the build fails.",
    aliases: &[
        hadolint("DL3011", "Valid UNIX ports range from 0 to 65535"),
        utils("INVALID_PORT"),
        trivy("DS-0008"),
        trivy("port-out-of-range"),
        semgrep("invalid-port"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Expose(ports) = step.kind() else { continue };
        let mut wrong = ports.iter().filter(|port| numbers(&port.value).any(|number| number > 65_535)).peekable();
        let first = wrong.peek().map(|port| port.span);
        for port in wrong {
            let finding = Finding::new(port.span, format!("`{}` is no port", port.value));
            let edit = drop_argument(context, step, port.span, ports.len());
            let finding = finding.maybe_fix(edit.map(|edit| Fix::risky("remove the port", vec![edit])));
            out.add(if first == Some(port.span) { finding.hadolint(step.span) } else { finding });
        }
    }
}

fn numbers(port: &str) -> impl Iterator<Item = u64> {
    let range = port.split('/').next().unwrap_or(port);
    let digits = range.split(['-', ':']).filter(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    digits.map(|part| part.parse().unwrap_or(u64::MAX))
}
