//! `forbidden-trigger`.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::repair::place::trigger;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, utils};

/// Wants no ONBUILD, FROM or MAINTAINER inside of ONBUILD.
pub(super) const RULE: Rule = Rule {
    id: "forbidden-trigger",
    severity: Severity::Error,
    summary: "Wants no ONBUILD, FROM or MAINTAINER inside of ONBUILD.",
    page: "These may not be triggers: the build of the image that would run them fails.",
    aliases: &[
        hadolint("DL3043", "`ONBUILD`, `FROM` or `MAINTAINER` triggered from within `ONBUILD` instruction."),
        utils("ONBUILD_TRIGGER_DISALLOWED"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let second = step.instruction.original.split_whitespace().nth(1).unwrap_or_default();
        let is_onbuild = step.instruction.keyword.value.eq_ignore_ascii_case("onbuild");
        let unread = matches!(step.kind(), Kind::Unknown);
        if is_onbuild && unread && ["onbuild", "from", "maintainer"].contains(&second.to_lowercase().as_str()) {
            // The parser says so too, in our own words.
            let text = context.text(step.span);
            let keyword = text.find(second).map(|at| step.span.start + at as u32);
            let place = keyword.map(|start| Span::new(start, start + second.len() as u32));
            let fix = place.and_then(|place| trigger(context, step, place));
            out.add(Finding::foreign().hadolint(step.span).maybe_fix(fix));
        }
    }
}
