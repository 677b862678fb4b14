//! `apt-in-script`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, checkov, hadolint, semgrep};

/// Wants apt-get instead of apt.
pub(super) const RULE: Rule = Rule {
    id: "apt-in-script",
    severity: Severity::Warning,
    summary: "Wants apt-get instead of apt.",
    page: "apt is made for people: its options and output may change.",
    aliases: &[
        hadolint("DL3027", "Do not use apt as it is meant to be an end-user tool, use apt-get or apt-cache instead"),
        checkov("CKV_DOCKER_9"),
        semgrep("prefer-apt-get"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |_, script, command| {
        let name = command.words.first().filter(|_| command.is("apt"))?;
        let known = ["install", "update", "upgrade", "remove", "purge", "autoremove", "clean", "autoclean"];
        let fix = Fix::risky("use apt-get", vec![Edit::replace(script.word(name), "apt-get")]);
        let message = "apt is a tool for people; use apt-get";
        Some(Finding::new(script.word(name), message).maybe_fix(command.arg(&known).map(|_| fix)))
    });
}
