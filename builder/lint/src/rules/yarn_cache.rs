//! `yarn-cache`.

use std::collections::BTreeSet;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::edits::append;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings};
use crate::image::Base;
use crate::rule::{Rule, Severity, hadolint};

/// Wants yarn cache clean after yarn install.
pub(super) const RULE: Rule = Rule {
    id: "yarn-cache",
    severity: Severity::Info,
    summary: "Wants yarn cache clean after yarn install.",
    page: "The cache of yarn stays in the layer otherwise.",
    aliases: &[hadolint("DL3060", "`yarn cache clean` missing after `yarn install` was run.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for series in context.series() {
        let bases: Vec<Base<'_>> = series.iter().filter_map(Step::base).collect();
        let continued: BTreeSet<&str> = bases.iter().map(|base| base.name).collect();
        let mut next = bases.iter();
        let mut current = None;
        for step in series {
            if matches!(step.kind(), Kind::From(_)) {
                current = next.next();
            }
            let kept = match current {
                None => bases.is_empty(),
                Some(base) => Some(base) == bases.last() || base.alias.is_some_and(|name| continued.contains(name)),
            };
            let Some(place) = forgotten(step).filter(|_| kept) else { continue };
            let fix = append(context, step, " && yarn cache clean", "clean up at the end");
            let finding = Finding::new(place, "the cache of yarn stays in the layer");
            out.add(finding.hadolint(step.span).maybe_fix(fix));
        }
    }
}

/// Returns the place of an install that nothing cleans up after.
fn forgotten(step: &Step<'_>) -> Option<Span> {
    let script = step.script()?;
    let install = script.list().iter().position(|command| command.runs(&["yarn"], &["install"]))?;
    let clean = script.list().iter().position(|command| command.runs(&["yarn"], &["cache", "clean"]));
    let left = match clean {
        None => !step.mounts_over(".cache/yarn"),
        Some(clean) => clean < install,
    };
    left.then(|| script.command(&script.list()[install]))
}
