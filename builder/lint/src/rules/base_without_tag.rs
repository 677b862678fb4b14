//! `base-without-tag`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use super::digest::bind;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep, trivy};

/// Wants a tag or a digest on every base image.
pub(super) const RULE: Rule = Rule {
    id: "base-without-tag",
    severity: Severity::Warning,
    summary: "Wants a tag or a digest on every base image.",
    page: "Without a tag the image is whatever `latest` means on the day of the build.",
    aliases: &[
        hadolint("DL3006", "Always tag the version of an image explicitly"),
        trivy("DS-0001"),
        trivy("use-specific-tags"),
        semgrep("missing-image-version"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut names = BTreeSet::new();
    for step in &context.steps {
        let (Kind::From(from), Some(base)) = (step.kind(), step.base()) else { continue };
        let named = names.contains(base.name) || base.name == "scratch" || base.name.starts_with('$');
        names.extend(base.alias);
        if base.digest.is_none() && base.tag.is_none() && !named && !base.name.is_empty() {
            let message = format!("the image `{}` has neither tag nor digest", from.base.value);
            out.add(Finding::new(from.base.span, message).hadolint(step.span).maybe_fix(bind(context, from)));
        }
    }
}
