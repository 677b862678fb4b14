//! `apt-lists-left`.

use std::collections::BTreeSet;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::edits::append;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
use crate::image::Base;
use crate::rule::{Rule, Severity, hadolint, semgrep};

/// Wants the package lists to be removed after apt-get update.
pub(super) const RULE: Rule = Rule {
    id: "apt-lists-left",
    severity: Severity::Info,
    summary: "Wants the package lists to be removed after apt-get update.",
    page: "The lists stay in the layer and grow old. Remove them in the same RUN, or mount a cache over /var/lib/apt.",
    aliases: &[
        hadolint("DL3009", "Delete the apt lists (/var/lib/apt/lists) after installing something"),
        semgrep("remove-package-lists"),
        semgrep("remove-package-cache"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for series in context.series() {
        let bases: Vec<Base<'_>> = series.iter().filter_map(Step::base).collect();
        let continued: BTreeSet<&str> = bases.iter().map(|base| base.name).collect();
        let mut current: Option<&Base<'_>> = None;
        let mut next = bases.iter();
        for step in series {
            if matches!(step.kind(), Kind::From(_)) {
                current = next.next();
            }
            let Some(place) = forgotten(step) else { continue };
            // Layers of a stage that is neither the last nor continued are thrown away.
            let kept = match current {
                None => bases.is_empty(),
                Some(base) => Some(base) == bases.last() || base.alias.is_some_and(|name| continued.contains(name)),
            };
            if kept {
                let message = "the lists of apt stay in the layer";
                out.add(Finding::new(place, message).hadolint(step.span).maybe_fix(removal(context, step)));
            }
        }
    }
}

/// Returns the place of an update that nothing cleans up after.
fn forgotten(step: &Step<'_>) -> Option<Span> {
    let script = step.script()?;
    let update = script.list().iter().find(|command| command.runs(&["apt", "apt-get", "aptitude"], &["update"]))?;
    let cleaned = script.list().iter().any(|command| command.runs(&["rm"], &["-rf", "/var/lib/apt/lists/*"]));
    let mounted = step.mounts_over("/var/lib/apt/lists")
        || (step.mounts_over("/var/lib/apt") && step.mounts_over("/var/cache/apt"));
    (!cleaned && !mounted).then(|| script.command(update))
}

fn removal(context: &Context<'_>, step: &Step<'_>) -> Option<Fix> {
    append(context, step, " && rm -rf /var/lib/apt/lists/*", "remove the lists at the end")
}
