//! `forbidden-trigger`.

use containr_dockerfile::syntax::Kind;

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
    for step in &context.triggers {
        // The parser says so too, in our own words.
        if ["ONBUILD", "FROM", "MAINTAINER"]
            .iter()
            .any(|name| step.instruction.keyword.value.eq_ignore_ascii_case(name))
        {
            out.add(Finding::foreign().hadolint(step.span));
        }
    }
    for step in &context.steps {
        let second = step.instruction.original.split_whitespace().nth(1).unwrap_or_default();
        let is_onbuild = step.instruction.keyword.value.eq_ignore_ascii_case("onbuild");
        let unread = matches!(step.kind(), Kind::Unknown);
        if is_onbuild && unread && ["onbuild", "from", "maintainer"].contains(&second.to_lowercase().as_str()) {
            out.add(Finding::foreign().hadolint(step.span));
        }
    }
}
