//! `env-self-reference`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::{Kind, Pair};

use super::edits::blanks_between;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
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
                    let finding = Finding::new(user.value.span, message).maybe_fix(split(context, step, pairs, user));
                    out.add(if std::mem::take(&mut first) { finding.hadolint(step.span) } else { finding });
                }
                known.extend(pairs.iter().map(|pair| pair.name.value.as_str()));
            }
            _ => {}
        }
    }
}

/// Returns the fix that begins a new ENV between a variable and its use.
fn split(context: &Context<'_>, step: &Step<'_>, pairs: &[Pair], user: &Pair) -> Option<Fix> {
    let index = pairs.iter().position(|pair| pair.name.span == user.name.span)?;
    // Where the use comes first, the variable goes into an ENV of its own after it.
    let second = pairs.get(if index == 0 { 1 } else { index })?;
    let first = pairs.get(if index == 0 { 0 } else { index - 1 })?;
    let gap = blanks_between(context, first.value.span, second.name.span)?;
    let line = format!("{}{} ", context.line_break(), step.instruction.keyword.value);
    (!step.is_trigger()).then(|| Fix::risky("begin a new ENV", vec![Edit::replace(gap, line)]))
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
