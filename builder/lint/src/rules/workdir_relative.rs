//! `workdir-relative`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, checkov, hadolint, trivy, utils};

/// Wants absolute paths in WORKDIR.
pub(super) const RULE: Rule = Rule {
    id: "workdir-relative",
    severity: Severity::Error,
    summary: "Wants absolute paths in WORKDIR.",
    page: "A relative WORKDIR continues the working directory of the base image. When the base changes its own, every later path of the build moves with it.\n\nWrite the whole path, or set an absolute WORKDIR first.",
    aliases: &[
        hadolint("DL3000", "Use absolute WORKDIR"),
        buildkit("WorkdirRelativePath"),
        utils("WORKDIR_IS_NOT_ABSOLUTE"),
        trivy("DS-0009"),
        trivy("user-absolute-workdir"),
        checkov("CKV_DOCKER_10"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut anchored = BTreeSet::new();
    context.stages().walk(context.parsed, |stage, instruction, variables| {
        let Kind::Workdir(path) = &instruction.kind else { return };
        let parent = context.stages().parents[stage];
        let first = !anchored.contains(&stage) && parent.is_none_or(|parent| !anchored.contains(&parent));
        anchored.insert(stage);
        let expanded = context.stages().expand(&path.value, variables).map(|one| one.text).unwrap_or_default();
        if first && !expanded.starts_with('/') {
            let message =
                format!("Relative workdir {expanded:?} can have unexpected results if the base image changes");
            out.add(Finding::foreign().buildkit(instruction.span, message));
        }
    });
    for step in &context.steps {
        let Kind::Workdir(path) = step.kind() else { continue };
        if !is_absolute(bare(&path.value)) {
            let message = format!("the working directory `{}` is relative", path.value);
            let fix = Fix::risky("make the path absolute", vec![Edit::insert(path.span.start, "/")]);
            out.add(Finding::new(path.span, message).hadolint(step.span).maybe_fix(plain(&path.value).then_some(fix)));
        }
    }
}

fn is_absolute(path: &str) -> bool {
    let mut chars = path.chars();
    match chars.next() {
        Some('/' | '$') | None => true,
        Some(first) => first.is_alphabetic() && chars.next() == Some(':'),
    }
}

/// Tells whether a slash before the path makes it absolute.
fn plain(path: &str) -> bool {
    path.starts_with(|first: char| first.is_alphanumeric() || first == '_')
}
