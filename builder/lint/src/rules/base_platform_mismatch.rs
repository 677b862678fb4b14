//! `base-platform-mismatch`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, buildkit};

/// Wants a base image for the platform that is built.
pub(super) const RULE: Rule = Rule {
    id: "base-platform-mismatch",
    severity: Severity::Warning,
    summary: "Wants a base image for the platform that is built.",
    page: "An image of another platform runs under emulation, or not at all. Needs the platforms of the image to be known.",
    aliases: &[buildkit("InvalidBaseImagePlatform")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = context.stages();
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let Some(facts) = stages.facts(&from.base.value) else { continue };
        let platform = from.platform.as_ref().map_or("$TARGETPLATFORM", |platform| platform.value.as_str());
        let Ok(wanted) = stages.expand_global(platform).map(|one| plain(&one.text)) else { continue };
        let Some(first) = facts.platforms.first().filter(|_| !wanted.is_empty()) else { continue };
        if facts.platforms.iter().any(|one| plain(one) == wanted) {
            continue;
        }
        let base = &from.base.value;
        let remark =
            format!("Base image {base} was pulled with platform {first:?}, expected {wanted:?} for current build");
        let message = format!("`{base}` is not there for {wanted}");
        out.add(Finding::new(from.base.span, message).buildkit(step.span, remark));
    }
}

/// Returns a platform without the variant that goes without saying.
fn plain(platform: &str) -> String {
    let lower = platform.to_lowercase();
    let short = lower.strip_suffix("/v8").filter(|rest| rest.ends_with("arm64"));
    short.unwrap_or(&lower).to_owned()
}
