//! `port-22`.

use containr_dockerfile::syntax::Kind;

use super::edits::drop_argument;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, checkov, trivy};

/// Wants no SSH port in EXPOSE.
pub(super) const RULE: Rule = Rule {
    id: "port-22",
    severity: Severity::Info,
    summary: "Wants no SSH port in EXPOSE.",
    page: "An SSH server in a container is one more door to guard; `exec` into the container instead.",
    aliases: &[trivy("DS-0004"), trivy("no-ssh-port"), checkov("CKV_DOCKER_1")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Expose(ports) = step.kind() else { continue };
        for port in ports.iter().filter(|port| matches!(port.value.as_str(), "22" | "22/tcp")) {
            let edit = drop_argument(context, step, port.span, ports.len());
            let fix = edit.map(|edit| Fix::risky("remove the port", vec![edit]));
            out.add(Finding::new(port.span, "the port of SSH is exposed").maybe_fix(fix));
        }
    }
}
