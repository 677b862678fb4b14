//! `base-tag-latest`.

use containr_dockerfile::syntax::Kind;

use super::digest::bind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov, hadolint, semgrep, trivy};

/// Wants no `latest` as the tag of a base image.
pub(super) const RULE: Rule = Rule {
    id: "base-tag-latest",
    severity: Severity::Warning,
    summary: "Wants no `latest` as the tag of a base image.",
    page: "`latest` moves: the same file gives another image tomorrow. Name a release, best with its digest.",
    aliases: &[
        hadolint(
            "DL3007",
            "Using latest is prone to errors if the image will ever update. Pin the version explicitly to a release tag",
        ),
        trivy("DS-0001"),
        trivy("use-specific-tags"),
        checkov("CKV_DOCKER_7"),
        semgrep("avoid-latest-version"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let (Kind::From(from), Some(base)) = (step.kind(), step.base()) else { continue };
        if base.tag == Some("latest") && base.digest.is_none() {
            let message = format!("the tag of `{}` moves", from.base.value);
            out.add(Finding::new(from.base.span, message).hadolint(step.span).maybe_fix(bind(context, from)));
        }
    }
}
