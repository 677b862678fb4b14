//! `label-key-format`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint};

/// Wants label keys by the rules of Docker.
pub(super) const RULE: Rule = Rule {
    id: "label-key-format",
    severity: Severity::Style,
    summary: "Wants label keys by the rules of Docker.",
    page: "Keys begin with a small letter, end with a letter or digit, hold only `a-z 0-9 . - _ /` without doubled separators, and leave the namespaces of Docker alone.",
    aliases: &[hadolint("DL3048", "Invalid label key.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Label(pairs) = step.kind() else { continue };
        let mut first = true;
        for pair in pairs.iter().filter(|pair| !is_valid(bare(&pair.name.value))) {
            let finding = Finding::new(pair.name.span, format!("`{}` is no good label key", pair.name.value));
            let finding = finding.maybe_fix(good_key(context, bare(&pair.name.value), pair.name.span));
            out.add(if std::mem::take(&mut first) { finding.hadolint(step.span) } else { finding });
        }
    }
}

fn is_valid(key: &str) -> bool {
    let small = |char: char| char.is_ascii_lowercase();
    key.starts_with(small)
        && key.ends_with(|char: char| small(char) || char.is_ascii_digit())
        && key.chars().all(|char| small(char) || char.is_ascii_digit() || ".-_/".contains(char))
        && !["com.docker.", "io.docker.", "org.dockerproject."].iter().any(|space| key.starts_with(space))
        && !key.contains("..")
        && !key.contains("--")
}

/// Returns the fix that writes a key by the rules, where the sense of it stays.
fn good_key(context: &Context<'_>, key: &str, place: Span) -> Option<Fix> {
    let mut good = String::new();
    for char in key.chars().map(|char| char.to_ascii_lowercase()) {
        let char = if char.is_ascii_lowercase() || char.is_ascii_digit() || "./_".contains(char) { char } else { '-' };
        if !(matches!(char, '.' | '-') && good.ends_with(char)) {
            good.push(char);
        }
    }
    let good = good.trim_matches(|char: char| !char.is_ascii_alphanumeric());
    let edit = Edit::replace(place, context.text(place).replacen(key, good, 1));
    (is_valid(good) && !key.contains('$')).then(|| Fix::risky(format!("write `{good}`"), vec![edit]))
}
