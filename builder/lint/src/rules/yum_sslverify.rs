//! `yum-sslverify`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, checkov};

/// Wants no sslverify=0 for yum and dnf.
pub(super) const RULE: Rule = Rule {
    id: "yum-sslverify",
    severity: Severity::Warning,
    summary: "Wants no sslverify=0 for yum and dnf.",
    page: "Certificates of repositories are not checked.",
    aliases: &[checkov("CKV2_DOCKER_15")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let text = command.args().iter().find(|word| {
            let text = word.text.to_lowercase().replace(' ', "");
            ["sslverify=0", "sslverify=false", "sslverify=no"].iter().any(|off| text.contains(off))
        })?;
        Some(Finding::new(script.word(text), "certificates of repositories are not checked"))
    });
}
