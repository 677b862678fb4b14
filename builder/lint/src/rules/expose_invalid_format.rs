//! `expose-invalid-format`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};

/// Wants only container ports in EXPOSE.
pub(super) const RULE: Rule = Rule {
    id: "expose-invalid-format",
    severity: Severity::Warning,
    summary: "Wants only container ports in EXPOSE.",
    page: "Addresses and host ports are chosen when the container starts; EXPOSE ignores them.",
    aliases: &[buildkit("ExposeInvalidFormat")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (_, step) in context.in_stages() {
        let Kind::Expose(ports) = step.kind() else { continue };
        for port in ports {
            let Some((outside, inside)) = port.value.rsplit_once(':') else { continue };
            if outside.is_empty() || outside.contains('$') || outside == ":" {
                continue;
            }
            let remark = format!(
                "EXPOSE instruction should not define an IP address or host-port mapping, found '{}'",
                port.value
            );
            let fix = Fix::safe("keep the container port", vec![Edit::replace(port.span, inside)]);
            let message = format!("`{}` maps a port, which EXPOSE cannot do", port.value);
            out.add(Finding::new(port.span, message).buildkit(step.span, remark).fix(fix));
        }
    }
}
