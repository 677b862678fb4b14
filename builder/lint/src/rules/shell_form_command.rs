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

/// What only a shell can do, or finds without a file.
const OF_SHELLS: &[&str] = &[
    ".", ":", "[[", "alias", "case", "cd", "command", "eval", "exec", "exit", "export", "for", "if", "read", "set",
    "source", "trap", "type", "ulimit", "umask", "until", "wait", "while",
];

/// Returns the fix for a command that needs no shell.
fn json(text: &str, span: Span) -> Option<Fix> {
    let mut words = words(text)?;
    if words.len() > 1 && words[0] == "exec" && !words[1].starts_with('-') {
        words.remove(0);
    }
    let first = words.first()?;
    if first.is_empty() || first.contains('=') || OF_SHELLS.contains(&first.as_str()) {
        return None;
    }
    let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    Some(Fix::risky("use the JSON form", vec![Edit::replace(span, format!("[{}]", words.join(", ")))]))
}

/// Returns the words of a text in which a shell finds nothing to do but to take quotes away.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            ' ' => words.extend(word.take()),
            '\'' | '"' => {
                let rest = chars.as_str();
                let (quoted, behind) = rest.split_once(char)?;
                let acts = |one: char| one.is_control() || (char == '"' && "$`\\".contains(one));
                if quoted.contains(acts) {
                    return None;
                }
                word.get_or_insert_default().push_str(quoted);
                chars = behind.chars();
            }
            _ if char.is_ascii_alphanumeric() || "-_./:=,@+%".contains(char) => word.get_or_insert_default().push(char),
            _ => return None,
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> Option<String> {
        json(text, Span::new(0, u32::try_from(text.len()).unwrap())).map(|fix| fix.edits[0].text.clone())
    }

    #[test]
    fn quotes_go_where_they_are_all_that_a_shell_sees() {
        assert_eq!(fixed("nginx -g 'daemon off;'").unwrap(), r#"["nginx", "-g", "daemon off;"]"#);
        assert_eq!(fixed(r#"a --x="b c"d ''"#).unwrap(), r#"["a", "--x=b cd", ""]"#);
        assert_eq!(fixed(r#"sh -c 'echo "$HOME" \n'"#).unwrap(), r#"["sh", "-c", "echo \"$HOME\" \\n"]"#);
        assert_eq!(fixed("exec /bin/app -v").unwrap(), r#"["/bin/app", "-v"]"#);
    }

    #[test]
    fn what_a_shell_does_stays_with_it() {
        let of_shells = [
            "a $B",
            "a \"$B\"",
            "a 'b",
            "a | b",
            "a; b",
            "A=1 b",
            "cd /x",
            "a *",
            "a ~",
            "a &",
            "",
            "''",
            "a \"b\\\"c\"",
            "exec -a x y",
        ];
        for text in of_shells {
            assert_eq!(fixed(text), None, "{text}");
        }
    }
}
