//! `copy-from-unknown`.

use std::collections::BTreeSet;

use containr_dockerfile::nearest;
use containr_dockerfile::syntax::{Copy, Kind};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint};

/// Wants COPY --from to name an earlier stage or a tagged image.
pub(super) const RULE: Rule = Rule {
    id: "copy-from-unknown",
    severity: Severity::Warning,
    summary: "Wants COPY --from to name an earlier stage or a tagged image.",
    page: "A name that is no earlier stage is taken for an image and pulled. That is rarely meant.",
    aliases: &[hadolint("DL3022", "`COPY --from` should reference a previously defined `FROM` alias")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut names = BTreeSet::new();
    let mut count = 0;
    for step in &context.steps {
        if let Some(base) = step.base() {
            names.extend(base.alias);
            count += 1;
        }
        let Kind::Copy(Copy { from: Some(from), .. }) = step.kind() else { continue };
        let digits: String = from.value.chars().take_while(char::is_ascii_digit).collect();
        let numbered = digits.parse().is_ok_and(|number: usize| number < count);
        if from.value.contains(':') || names.contains(from.value.as_str()) || numbered {
            continue;
        }
        let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let known = lower.contains(&from.value.to_lowercase());
        let message = format!("no earlier stage is named `{}`", from.value);
        let near = nearest(&from.value, names.iter().copied());
        let fix = near.map(|name| Fix::risky(format!("use `{name}`"), vec![Edit::replace(from.span, name)]));
        let finding = if known { Finding::foreign() } else { Finding::new(from.span, message) };
        out.add(finding.hadolint(step.span).maybe_fix(fix.filter(|_| !known)));
    }
}
