//! `from-platform`.

use containr_dockerfile::syntax::Kind;

use super::edits::drop_argument;
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, hadolint, semgrep};

/// Wants FROM without a fixed --platform.
pub(super) const RULE: Rule = Rule {
    id: "from-platform",
    severity: Severity::Warning,
    summary: "Wants FROM without a fixed --platform.",
    page: "A constant platform builds the same image whatever platform was asked for. Use `$BUILDPLATFORM`, or leave the flag out and let the builder choose.",
    aliases: &[
        hadolint("DL3029", "Do not use --platform flag with FROM"),
        buildkit("FromPlatformFlagConstDisallowed"),
        semgrep("avoid-platform-with-from"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let Some(platform) = &from.platform else { continue };
        let text = &platform.value;
        if text.contains("BUILDPLATFORM") || text.contains("TARGETPLATFORM") {
            continue;
        }
        let mut finding = Finding::new(platform.span, format!("the stage is bound to the platform `{text}`"));
        finding = finding.hadolint(step.span).maybe_fix(without_flag(context, step));
        if !text.contains('$') && !names_platform(from.name.as_ref().map_or("", |name| &name.value), text) {
            let remark = format!("FROM --platform flag should not use constant value {text:?}");
            finding = finding.buildkit(step.span, remark);
        }
        out.add(finding);
    }
}

fn without_flag(context: &Context<'_>, step: &Step<'_>) -> Option<Fix> {
    let flag = step.instruction.flags.iter().find(|flag| flag.name.value == "platform")?;
    Some(Fix::risky("remove the flag", vec![drop_argument(context, step, flag.span, 2)?]))
}

/// Tells whether a stage's name shows that it is meant for one platform.
fn names_platform(name: &str, platform: &str) -> bool {
    platform.split('/').take(2).any(|part| !part.is_empty() && name.contains(part))
}
