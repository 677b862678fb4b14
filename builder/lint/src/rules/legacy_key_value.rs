//! `legacy-key-value`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Delimiter, Kind};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit};

/// Wants an equals sign between names and values.
pub(super) const RULE: Rule = Rule {
    id: "legacy-key-value",
    severity: Severity::Warning,
    summary: "Wants an equals sign between names and values.",
    page: "`ENV name value` takes the rest of the line for the value and can hold one pair only.",
    aliases: &[buildkit("LegacyKeyValueFormat")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for (_, step) in context.in_stages() {
        let (Kind::Env(pairs) | Kind::Label(pairs)) = step.kind() else { continue };
        for pair in pairs.iter().filter(|pair| pair.delimiter == Delimiter::Space) {
            let word = &step.instruction.keyword.value;
            let remark = format!("\"{word} key=value\" should be used instead of legacy \"{word} key value\" format");
            let span = Span::new(pair.name.span.start, pair.value.span.end);
            let message = format!("`{}` and its value are parted by a blank", pair.name.value);
            let gap = Span::new(pair.name.span.end, pair.value.span.start);
            out.add(Finding::new(span, message).buildkit(step.span, remark).maybe_fix(fix(
                context,
                &pair.value.value,
                gap,
                pair.value.span,
            )));
        }
    }
}

/// Returns the fix for a value without continuation lines.
fn fix(context: &Context<'_>, value: &str, gap: Span, place: Span) -> Option<Fix> {
    if context.text(place) != value || context.text(gap).contains('\n') {
        return None;
    }
    let is_plain = value.chars().all(|char| char.is_ascii_alphanumeric() || "-_./:=,@+%${}".contains(char));
    let text = if is_plain { value.to_owned() } else { format!("\"{value}\"") };
    let quoted = value.contains(['"', '\'', '\\', '`']);
    (!quoted).then(|| {
        Fix::safe("write an equals sign", vec![Edit::replace(Span::new(gap.start, place.end), format!("={text}"))])
    })
}
