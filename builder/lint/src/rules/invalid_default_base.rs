//! `invalid-default-base`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::image::is_reference;
use crate::rule::{Rule, Severity, buildkit};

/// Wants the defaults of arguments to give a valid base image.
pub(super) const RULE: Rule = Rule {
    id: "invalid-default-base",
    severity: Severity::Warning,
    summary: "Wants the defaults of arguments to give a valid base image.",
    page: "Without `--build-arg` the base of the stage is empty or no name of an image.",
    aliases: &[buildkit("InvalidDefaultArgInFrom")],
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
            out.add(Finding::new(from.base.span, message).buildkit(step.span, remark));
        }
    }
}
