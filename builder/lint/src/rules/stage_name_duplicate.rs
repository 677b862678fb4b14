//! `stage-name-duplicate`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use super::stage_rename::rename;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, checkov, hadolint, trivy, utils};

/// Wants each stage name once.
pub(super) const RULE: Rule = Rule {
    id: "stage-name-duplicate",
    severity: Severity::Error,
    summary: "Wants each stage name once.",
    page: "A name that stands for two stages means the later one from then on; the earlier cannot be reached by it.",
    aliases: &[
        hadolint("DL3024", "FROM aliases (stage names) must be unique"),
        buildkit("DuplicateStageName"),
        utils("DUPLICATE_BUILD_STAGE_NAME"),
        trivy("DS-0012"),
        trivy("no-duplicate-alias"),
        checkov("CKV_DOCKER_11"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut written = BTreeSet::new();
    let mut folded = BTreeSet::new();
    for step in &context.steps {
        let (Kind::From(from), Some(base)) = (step.kind(), step.base()) else { continue };
        let (Some(name), Some(alias)) = (&from.name, base.alias) else { continue };
        let mut finding = Finding::new(name.span, format!("an earlier stage is named `{}` too", name.value));
        let again = !folded.insert(name.value.as_str());
        if !written.insert(alias) {
            finding = finding.hadolint(step.span);
        }
        if again {
            let remark = format!("Duplicate stage name {:?}, stage names should be unique", name.value);
            let wanted = free_name(context, &name.value);
            let edits = rename(context, &name.value, name.span, &wanted);
            out.add(finding.buildkit(step.span, remark).fix(Fix::risky(format!("call it `{wanted}`"), edits)));
        }
    }
}

/// Returns the name with the first number that no stage has.
fn free_name(context: &Context<'_>, name: &str) -> String {
    let stages = &context.parsed.syntax().stages;
    let taken = |text: &str| stages.iter().any(|stage| stage.name.as_ref().is_some_and(|one| one.value == text));
    let mut number = 2;
    while taken(&format!("{name}-{number}")) {
        number += 1;
    }
    format!("{name}-{number}")
}
