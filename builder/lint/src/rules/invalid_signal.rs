//! `invalid-signal`.

use containr_dockerfile::nearest;
use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, utils};

/// Wants a signal in STOPSIGNAL.
pub(super) const RULE: Rule = Rule {
    id: "invalid-signal",
    severity: Severity::Error,
    summary: "Wants a signal in STOPSIGNAL.",
    page: "A name that is no signal makes the build fail.",
    aliases: &[utils("INVALID_SIGNAL")],
    check,
};

const NAMES: [&str; 31] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM",
];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::StopSignal(signal) = step.kind() else { continue };
        if !signal.value.contains('$') && !is_signal(bare(&signal.value)) {
            let upper = signal.value.to_uppercase();
            let near = nearest(upper.strip_prefix("SIG").unwrap_or(&upper), NAMES);
            let fix = near.map(|name| {
                Fix::risky(format!("use SIG{name}"), vec![Edit::replace(signal.span, format!("SIG{name}"))])
            });
            out.add(Finding::new(signal.span, format!("`{}` is no signal", signal.value)).maybe_fix(fix));
        }
    }
}

fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<u32>() {
        return (1..=64).contains(&number);
    }
    let upper = text.to_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let realtime = name.strip_prefix("RTMIN").or_else(|| name.strip_prefix("RTMAX"));
    NAMES.contains(&name) || matches!(name, "WINCH" | "XCPU" | "XFSZ") || realtime.is_some_and(is_offset)
}

fn is_offset(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(['+', '-']).is_some_and(|digits| digits.parse::<u32>().is_ok_and(|n| n < 16))
}
