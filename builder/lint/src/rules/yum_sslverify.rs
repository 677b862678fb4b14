//! `yum-sslverify`.

use super::edits::remove_words;
use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings, Fix};
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
        let word = command.args().iter().find(|word| switches_off(&word.text))?;
        let option = word.text.starts_with("--setopt=").then(|| remove_words(context, script, word, word)).flatten();
        let fix = option.map(|edit| Fix::risky("remove the option", vec![edit]));
        Some(Finding::new(script.word(word), "certificates of repositories are not checked").maybe_fix(fix))
    });
}

fn switches_off(text: &str) -> bool {
    let text = text.to_lowercase().replace(' ', "");
    ["sslverify=0", "sslverify=false", "sslverify=no"].iter().any(|off| text.contains(off))
}
