//! `healthcheck-missing`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use super::edits::line_at_end;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
use crate::image::Base;
use crate::rule::{Rule, Severity, checkov, hadolint, trivy};

/// Wants a HEALTHCHECK in each stage that is not the base of one with it.
pub(super) const RULE: Rule = Rule {
    id: "healthcheck-missing",
    severity: Severity::Off,
    summary: "Wants a HEALTHCHECK in each stage that is not the base of one with it.",
    page: "A check lets the runtime see that a container hangs. Images that are run by an orchestrator with probes of its own need none, hence the rule is off until it is switched on.",
    aliases: &[
        hadolint("DL3057", "`HEALTHCHECK` instruction missing."),
        trivy("DS-0026"),
        trivy("no-healthcheck"),
        checkov("CKV_DOCKER_2"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut bad: Vec<(&Step<'_>, Base<'_>)> = Vec::new();
    let mut good: BTreeSet<&str> = BTreeSet::new();
    let mut current: Option<Base<'_>> = None;
    for step in &context.steps {
        if let Some(base) = step.base() {
            if good.contains(base.name) {
                good.insert(base.stage_name());
            } else {
                bad.push((step, base.clone()));
            }
            current = Some(base);
        }
        let (Kind::Healthcheck(_), Some(base)) = (step.kind(), &current) else { continue };
        // The stages that this one continues are good with it.
        good.insert(base.stage_name());
        let mut wanted = vec![base.stage_name(), base.name];
        while let Some(name) = wanted.pop() {
            for (_, stage) in bad.extract_if(.., |(_, other)| other.stage_name() == name) {
                good.insert(name);
                wanted.push(stage.name);
            }
        }
    }
    for (step, _) in bad {
        let edit = step.stage.and_then(|stage| line_at_end(context, stage, "HEALTHCHECK NONE"));
        let fix = edit.map(|edit| Fix::risky("say that there is none", vec![edit]));
        out.add(Finding::new(step.keyword(), "the stage has no HEALTHCHECK").hadolint(step.span).maybe_fix(fix));
    }
}
