//! `npm-strict-ssl`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
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
    each_command(context, out, |_, script, command| {
        let sets = command.runs(&["npm", "yarn", "pnpm"], &["config", "set", "c"]);
        let word = command.args().iter().find(|word| sets && word.text.starts_with("strict-ssl"))?;
        let off = word.text.ends_with("=false") || command.has_run(&["strict-ssl", "false"]);
        off.then(|| Finding::new(script.command(command), "certificates of the registry are not checked"))
    });
}
