//! `pip-cache`.

use std::collections::BTreeMap;

use containr_dockerfile::syntax::Kind;

use super::edits::insert_after;
use super::shared::{bare, is_pip_install};
use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint, semgrep};
use crate::shell::Command;

/// Wants pip install --no-cache-dir.
pub(super) const RULE: Rule = Rule {
    id: "pip-cache",
    severity: Severity::Warning,
    summary: "Wants pip install --no-cache-dir.",
    page: "The cache of pip stays in the layer and is of no use there. Switch it off, or mount a cache over `~/.cache/pip`.",
    aliases: &[
        hadolint("DL3042", "Avoid use of cache directory with pip. Use `pip install --no-cache-dir <package>`"),
        semgrep("missing-pip-no-cache-dir"),
    ],
    check,
};

const TRUE: [&str; 10] = ["1", "true", "True", "TRUE", "on", "On", "ON", "yes", "Yes", "YES"];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for series in context.series() {
        let mut current = None;
        let mut off: BTreeMap<Option<&str>, bool> = BTreeMap::new();
        for step in series {
            match step.kind() {
                Kind::From(_) => {
                    let Some(base) = step.base() else { continue };
                    let inherited = off.get(&Some(base.name)).copied().unwrap_or_default();
                    current = Some(base.stage_name());
                    off.insert(current, inherited);
                }
                Kind::Env(pairs) => {
                    let value = pairs.iter().find(|pair| pair.name.value == "PIP_NO_CACHE_DIR");
                    if value.is_some_and(|pair| TRUE.contains(&bare(&pair.value.value))) {
                        off.insert(current, true);
                    }
                }
                Kind::Run(_) if off.get(&current) != Some(&true) => judge(step, out),
                _ => {}
            }
        }
    }
}

fn judge(step: &Step<'_>, out: &mut Findings<'_>) {
    let Some(script) = step.script() else { return };
    let set = script.text.split_once("PIP_NO_CACHE_DIR=").map(|(_, value)| value);
    if set.is_some_and(|value| TRUE.iter().any(|text| value.starts_with(text))) || step.mounts_over(".cache/pip") {
        return;
    }
    for (index, command) in script.list().iter().filter(|command| keeps_cache(command)).enumerate() {
        let install = command.arg(&["install"]);
        let fix = install.and_then(|word| insert_after(script, word, " --no-cache-dir", "add the switch"));
        let finding = Finding::new(script.command(command), "the cache of pip stays in the layer").maybe_fix(fix);
        out.add(if index == 0 { finding.hadolint(step.span) } else { finding });
    }
}

fn keeps_cache(command: &Command) -> bool {
    is_pip_install(command)
        && !command.has_arg("--no-cache-dir")
        && !wraps(command, "pipx")
        && !wraps(command, "pipenv")
}

/// Tells whether the command is a front end of pip.
fn wraps(command: &Command, name: &str) -> bool {
    let own = command.name().unwrap_or_default();
    own.contains(name) || (own.starts_with("python") && command.has_run(&["-m", name]))
}
