//! `invalid-default-base`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::image::is_reference;
use crate::rule::{Rule, Severity, buildkit, utils};

/// Wants the defaults of arguments to give a valid base image.
pub(super) const RULE: Rule = Rule {
    id: "invalid-default-base",
    severity: Severity::Warning,
    summary: "Wants the defaults of arguments to give a valid base image.",
    page: "Without `--build-arg` the base of the stage is empty or no name of an image.",
    aliases: &[buildkit("InvalidDefaultArgInFrom"), utils("BASE_NAME_EMPTY")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = context.stages();
    if !stages.globals_are_sound {
        return;
    }
    for step in &context.steps {
        let Kind::From(from) = step.kind() else { continue };
        let Ok(base) = stages.expand_global(&from.base.value) else { return };
        if !is_reference(&base.text) {
            let remark =
                format!("Default value for ARG {} results in empty or invalid base image name", from.base.value);
            let message = format!("the base is `{}` by default, which is no image", base.text);
            let finding = Finding::new(from.base.span, message).buildkit(step.span, remark);
            out.add(finding.maybe_fix(default_tag(context, &from.base.value)));
        }
    }
}

/// Returns the fix that gives an argument without a default the tag that an image has without one.
fn default_tag(context: &Context<'_>, base: &str) -> Option<Fix> {
    let (_, tag) = base.rsplit_once(":$")?;
    let name = tag.strip_prefix('{').and_then(|tag| tag.strip_suffix('}')).unwrap_or(tag);
    let mut arguments = context.parsed.syntax().global_args.iter().filter_map(|one| match &one.kind {
        Kind::Arg(arguments) => arguments.iter().find(|one| one.name.value == name && one.default.is_none()),
        _ => None,
    });
    let at = arguments.next_back()?.name.span.end;
    Some(Fix::risky("give it a default", vec![Edit::insert(at, "=latest")]))
}
