//! `base-vulnerable-severe`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, scout};

/// Wants a base image without critical and high vulnerabilities.
pub(super) const RULE: Rule = Rule {
    id: "base-vulnerable-severe",
    severity: Severity::Warning,
    summary: "Wants a base image without critical and high vulnerabilities.",
    page: "Take a newer base image. Needs a scan of the image to be known.",
    aliases: &[scout("critical_high_vulnerabilities")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let facts = context.stages().facts(&from.base.value);
        let count = facts.and_then(|facts| facts.vulnerabilities).map_or(0, |found| found.severe);
        if count > 0 {
            let message = format!("`{}` has {count} critical or high vulnerabilities", from.base.value);
            out.add(Finding::new(from.base.span, message));
        }
    }
}
