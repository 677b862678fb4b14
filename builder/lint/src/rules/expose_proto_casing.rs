//! `expose-proto-casing`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};

/// Wants protocols in EXPOSE in lower case.
pub(super) const RULE: Rule = Rule {
    id: "expose-proto-casing",
    severity: Severity::Warning,
    summary: "Wants protocols in EXPOSE in lower case.",
    page: "`tcp`, `udp` and `sctp` are written small everywhere.",
    aliases: &[buildkit("ExposeProtoCasing")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (_, step) in context.in_stages() {
        let Kind::Expose(ports) = step.kind() else { continue };
        for port in ports {
            let Some((_, protocol)) = port.value.split_once('/') else { continue };
            let lower = protocol.to_lowercase();
            if protocol.contains('$') || protocol == lower {
                continue;
            }
            let at = port.span.end - protocol.len() as u32;
            let remark = format!("Defined protocol '{}' in EXPOSE instruction should be lowercase", port.value);
            let fix = Fix::safe("write the protocol small", vec![Edit::replace(Span::new(at, port.span.end), lower)]);
            let message = format!("protocol `{protocol}` is not in lower case");
            out.add(Finding::new(port.span, message).buildkit(step.span, remark).fix(fix));
        }
    }
}
