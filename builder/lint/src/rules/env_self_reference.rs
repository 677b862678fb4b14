//! `env-self-reference`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants no variable that is used in the ENV that defines it.
pub(super) const RULE: Rule = Rule {
    id: "env-self-reference",
    severity: Severity::Error,
    summary: "Wants no variable that is used in the ENV that defines it.",
    page: "All values of one ENV are expanded before any of its names is set: the reference sees the value from before, mostly none.\n\nDefine the variable in an ENV of its own first.",
    aliases: &[hadolint(
        "DL3044",
        "Do not refer to an environment variable within the same `ENV` statement where it is defined.",
    )],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut known = BTreeSet::new();
    for step in &context.steps {
        match step.kind() {
            Kind::Arg(arguments) => known.extend(arguments.iter().map(|one| one.name.value.as_str())),
            Kind::Env(pairs) => {
                let mut first = true;
                for pair in pairs {
                    let name = pair.name.value.as_str();
                    let mut others = pairs.iter().filter(|other| other.name.span != pair.name.span);
                    let user = others.find(|other| refers(&other.value.value, name));
                    let Some(user) = user.filter(|_| !known.contains(name)) else { continue };
                    let message = format!("`{name}` is defined in the same ENV and has no value yet here");
                    let finding = Finding::new(user.value.span, message);
                    out.add(if std::mem::take(&mut first) { finding.hadolint(step.span) } else { finding });
                }
                known.extend(pairs.iter().map(|pair| pair.name.value.as_str()));
            }
            _ => {}
        }
    }
}

/// Tells whether a text has `${name}` or `$name`.
fn refers(text: &str, name: &str) -> bool {
    let mut rest = text;
    while let Some(index) = rest.find('$') {
        rest = &rest[index + 1..];
        let braced = rest.strip_prefix('{').and_then(|inner| inner.strip_prefix(name));
        let ends = |after: &str| !after.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
        if braced.is_some_and(|after| after.starts_with('}')) || rest.strip_prefix(name).is_some_and(ends) {
            return true;
        }
    }
    false
}
