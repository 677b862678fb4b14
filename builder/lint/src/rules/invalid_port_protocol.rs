//! `invalid-port-protocol`.

use containr_dockerfile::syntax::Kind;
use containr_dockerfile::{Span, nearest};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, utils};

/// Wants tcp, udp or sctp in EXPOSE.
pub(super) const RULE: Rule = Rule {
    id: "invalid-port-protocol",
    severity: Severity::Error,
    summary: "Wants tcp, udp or sctp in EXPOSE.",
    page: "Another protocol makes the build fail.",
    aliases: &[utils("INVALID_PROTO")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Expose(ports) = step.kind() else { continue };
        for port in ports {
            let Some((_, protocol)) = port.value.split_once('/') else { continue };
            let known = ["", "tcp", "udp", "sctp"].contains(&protocol.to_lowercase().as_str());
            if known || protocol.contains('$') {
                continue;
            }
            let near = nearest(&protocol.to_lowercase(), ["tcp", "udp", "sctp"]);
            let place = Span::new(port.span.end - protocol.len() as u32, port.span.end);
            let fix = near.map(|name| Fix::risky(format!("use {name}"), vec![Edit::replace(place, name)]));
            out.add(Finding::new(place, format!("`{protocol}` is no protocol of ports")).maybe_fix(fix));
        }
    }
}
