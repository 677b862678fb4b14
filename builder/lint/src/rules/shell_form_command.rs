//! `shell-form-command`.

use std::collections::BTreeSet;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Command as Form, Kind};

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, hadolint, semgrep};

/// Wants the JSON form for CMD, ENTRYPOINT and HEALTHCHECK.
pub(super) const RULE: Rule = Rule {
    id: "shell-form-command",
    severity: Severity::Warning,
    summary: "Wants the JSON form for CMD, ENTRYPOINT and HEALTHCHECK.",
    page: "A command in shell form runs under `/bin/sh -c`, which does not pass signals on: the container cannot stop cleanly.\n\nWrite a JSON array, or set SHELL to say that a shell is meant.",
    aliases: &[
        hadolint("DL3025", "Use arguments JSON notation for CMD and ENTRYPOINT arguments"),
        buildkit("JSONArgsRecommended"),
        semgrep("prefer-json-notation"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let parents = &context.stages().parents;
    let mut with_shell = BTreeSet::new();
    for step in &context.steps {
        let stage = step.stage.unwrap_or(usize::MAX);
        match step.kind() {
            Kind::From(_) if parents[stage].is_some_and(|parent| with_shell.contains(&parent)) => {
                with_shell.insert(stage);
            }
            Kind::Shell(_) => drop(with_shell.insert(stage)),
            _ => {}
        }
        let Some(Form::Shell(text)) = step.started() else { continue };
        let keyword = &step.instruction.keyword.value;
        let quiet = with_shell.contains(&stage);
        let message = format!("the command of {keyword} runs under a shell, which does not pass signals on");
        let mut finding = if quiet { Finding::foreign() } else { Finding::new(text.span, message) };
        finding = finding.hadolint(step.span).maybe_fix(json(&text.value, text.span));
        if !quiet && !matches!(step.kind(), Kind::Healthcheck(_)) {
            let remark = format!(
                "JSON arguments recommended for {keyword} to prevent unintended behavior related to OS signals"
            );
            finding = finding.buildkit(step.span, remark);
        }
        out.add(finding);
    }
}

/// Returns the fix for a command that needs no shell.
fn json(text: &str, span: Span) -> Option<Fix> {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=,@+% ".contains(char);
    if text.is_empty() || !text.chars().all(plain) || text.split(' ').next()?.contains('=') {
        return None;
    }
    let words: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
    Some(Fix::risky("use the JSON form", vec![Edit::replace(span, format!("[{}]", words.join(", ")))]))
}
