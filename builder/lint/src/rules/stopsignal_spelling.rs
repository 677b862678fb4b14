//! `stopsignal-spelling`.

use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants signals by their whole name.
pub(super) const RULE: Rule = Rule {
    id: "stopsignal-spelling",
    severity: Severity::Style,
    summary: "Wants signals by their whole name.",
    page: "`SIGTERM` is understood at once; `15` and `TERM` mean the same and are looked up.",
    aliases: &[],
    check,
};

const NUMBERS: [(&str, &str); 8] = [
    ("1", "SIGHUP"),
    ("2", "SIGINT"),
    ("3", "SIGQUIT"),
    ("6", "SIGABRT"),
    ("9", "SIGKILL"),
    ("10", "SIGUSR1"),
    ("12", "SIGUSR2"),
    ("15", "SIGTERM"),
];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::StopSignal(signal) = step.kind() else { continue };
        let upper = bare(&signal.value).to_uppercase();
        let named = NUMBERS.iter().find(|(number, name)| *number == upper || name.strip_prefix("SIG") == Some(&upper));
        let lower = NUMBERS.iter().find(|(_, name)| *name == upper && *name != bare(&signal.value));
        let Some((_, wanted)) = named.or(lower) else { continue };
        let fix = Fix::risky(format!("write `{wanted}`"), vec![Edit::replace(signal.span, *wanted)]);
        out.add(Finding::new(signal.span, format!("`{}` is `{wanted}`", signal.value)).fix(fix));
    }
}
