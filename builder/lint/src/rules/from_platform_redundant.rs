//! `from-platform-redundant`.

use containr_dockerfile::syntax::Kind;

use super::edits::drop_argument;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, hadolint};

/// Wants no --platform=$TARGETPLATFORM in FROM.
pub(super) const RULE: Rule = Rule {
    id: "from-platform-redundant",
    severity: Severity::Warning,
    summary: "Wants no --platform=$TARGETPLATFORM in FROM.",
    page: "The target platform is the default of every stage.",
    aliases: &[
        hadolint(
            "DL3065",
            "Setting `FROM --platform` to predefined `$TARGETPLATFORM` in is redundant as this is the default behavior",
        ),
        buildkit("RedundantTargetPlatform"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let Some(platform) = &from.platform else { continue };
        if !matches!(platform.value.as_str(), "$TARGETPLATFORM" | "${TARGETPLATFORM}") {
            continue;
        }
        let remark = format!(
            "Setting platform to predefined {} in FROM is redundant as this is the default behavior",
            platform.value
        );
        let finding = Finding::new(platform.span, "the target platform is the default");
        out.add(finding.hadolint(step.span).buildkit(step.span, remark).maybe_fix(without_flag(context, step)));
    }
}

fn without_flag(context: &Context<'_>, step: &Step<'_>) -> Option<Fix> {
    let flag = step.instruction.flags.iter().find(|flag| flag.name.value == "platform")?;
    Some(Fix::safe("remove the flag", vec![drop_argument(context, step, flag.span, 2)?]))
}
