//! `port-22`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov, trivy};

/// Wants no SSH port in EXPOSE.
pub(super) const RULE: Rule = Rule {
    id: "port-22",
    severity: Severity::Info,
    summary: "Wants no SSH port in EXPOSE.",
    page: "An SSH server in a container is one more door to guard; `exec` into the container instead.",
    aliases: &[trivy("DS-0004"), checkov("CKV_DOCKER_1")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Expose(ports) = step.kind() else { continue };
        for port in ports.iter().filter(|port| matches!(port.value.as_str(), "22" | "22/tcp")) {
            out.add(Finding::new(port.span, "the port of SSH is exposed"));
        }
    }
}
