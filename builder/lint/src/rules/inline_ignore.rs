//! `inline-ignore`.

use containr_dockerfile::Span;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint};

/// Wants no comments that silence rules.
pub(super) const RULE: Rule = Rule {
    id: "inline-ignore",
    severity: Severity::Off,
    summary: "Wants no comments that silence rules.",
    page: "Where exceptions belong into the configuration, a comment that silences a rule is itself a finding. Off until it is switched on.",
    aliases: &[hadolint("DL1001", "Please refrain from using inline ignore pragmas `# hadolint ignore=DLxxxx`")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut start = 0;
    for line in context.parsed.text().split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len() as u32);
        let whole = Span::new(start, start + line.len() as u32);
        start = whole.end;
        if crate::suppression::is_inline_ignore(line.trim()) {
            let fix = Fix::risky("remove the comment", vec![Edit::remove(whole)]);
            out.add(Finding::new(span, "a rule is silenced here").hadolint(span).fix(fix));
        }
    }
}
