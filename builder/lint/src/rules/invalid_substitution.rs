//! `invalid-substitution`.

use containr_dockerfile::expand::ExpandError;

use super::shared::each_variable;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, utils};

/// Wants substitutions and quotes that can be read.
pub(super) const RULE: Rule = Rule {
    id: "invalid-substitution",
    severity: Severity::Error,
    summary: "Wants substitutions and quotes that can be read.",
    page: "An unknown modifier, an open brace or an open quote makes the build fail.",
    aliases: &[
        utils("UNSUPPORTED_MODIFIER"),
        utils("SYNTAX_MISSING_SINGLE_QUOTE"),
        utils("SYNTAX_MISSING_DOUBLE_QUOTE"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let stages = context.stages();
    stages.walk(context.parsed, |_, instruction, variables| {
        each_variable(instruction, |word, span| {
            // What `${name:?}` demands may be given by a build argument.
            let wrong = stages.expand(word, variables).err();
            if let Some(error) = wrong.filter(|error| !matches!(error, ExpandError::Demanded { .. })) {
                out.add(Finding::new(span, error.to_string()));
            }
        });
    });
}
