//! `stopsignal-kill`.

use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants a STOPSIGNAL that a program can handle.
pub(super) const RULE: Rule = Rule {
    id: "stopsignal-kill",
    severity: Severity::Warning,
    summary: "Wants a STOPSIGNAL that a program can handle.",
    page: "KILL and STOP cannot be caught: the program never stops cleanly.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::StopSignal(signal) = step.kind() else { continue };
        let upper = bare(&signal.value).to_uppercase();
        if matches!(upper.strip_prefix("SIG").unwrap_or(&upper), "KILL" | "STOP" | "9" | "19") {
            let fix = Fix::risky("use SIGTERM", vec![Edit::replace(signal.span, "SIGTERM")]);
            out.add(Finding::new(signal.span, format!("`{}` cannot be caught", signal.value)).fix(fix));
        }
    }
}
