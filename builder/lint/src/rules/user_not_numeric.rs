//! `user-not-numeric`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants a number in USER.
pub(super) const RULE: Rule = Rule {
    id: "user-not-numeric",
    severity: Severity::Info,
    summary: "Wants a number in USER.",
    page: "An orchestrator that must not run root (`runAsNonRoot`) cannot know what a name means.",
    aliases: &[hadolint("DL3066", "Non-numeric user-id may not be resolvable by host system")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut arguments: BTreeSet<&str> = BTreeSet::new();
    for step in &context.steps {
        match step.kind() {
            Kind::Arg(names) => arguments.extend(names.first().map(|one| one.name.value.as_str())),
            Kind::User(user) => {
                let id = user.value.split(':').next().unwrap_or_default();
                let by_argument = |name: &&str| {
                    user.value.contains(&format!("${{{name}}}")) || user.value.contains(&format!("${name}"))
                };
                if !id.chars().all(char::is_numeric) && !arguments.iter().any(by_argument) {
                    let message = format!("the user `{}` is a name, not a number", user.value);
                    out.add(Finding::new(user.span, message).hadolint(step.span));
                }
            }
            _ => {}
        }
    }
}
