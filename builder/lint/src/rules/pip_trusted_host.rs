//! `pip-trusted-host`.

use super::shared::{each_command, is_pip_install};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov};

/// Wants no pip --trusted-host.
pub(super) const RULE: Rule = Rule {
    id: "pip-trusted-host",
    severity: Severity::Warning,
    summary: "Wants no pip --trusted-host.",
    page: "Certificates of that host are not checked.",
    aliases: &[checkov("CKV2_DOCKER_4")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let pip = is_pip_install(command);
        let word = command.args().iter().find(|word| pip && word.text.starts_with("--trusted-host"))?;
        Some(Finding::new(script.word(word), "certificates of this host are not checked"))
    });
}
