//! `npm-strict-ssl`.

use super::families::removable;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::Findings;
use crate::rule::{Rule, Severity, checkov};

/// Wants no strict-ssl=false in npm and yarn.
pub(super) const RULE: Rule = Rule {
    id: "npm-strict-ssl",
    severity: Severity::Warning,
    summary: "Wants no strict-ssl=false in npm and yarn.",
    page: "Certificates of the registry are not checked.",
    aliases: &[checkov("CKV2_DOCKER_13")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let sets = command.runs(&["npm", "yarn", "pnpm"], &["config", "set", "c"]);
        let word = command.args().iter().find(|word| sets && word.text.starts_with("strict-ssl"))?;
        let off = word.text.ends_with("=false") || command.has_run(&["strict-ssl", "false"]);
        let message = "certificates of the registry are not checked";
        off.then(|| removable(context, step, script, command, message))
    });
}
