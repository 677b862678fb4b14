//! `packages-unsorted`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants packages in the order of the alphabet.
pub(super) const RULE: Rule = Rule {
    id: "packages-unsorted",
    severity: Severity::Off,
    summary: "Wants packages in the order of the alphabet.",
    page: "Sorted lists show duplicates and make differences small. Off until it is switched on.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    const TOOLS: [&str; 6] = ["apt-get", "apt", "apk", "dnf", "yum", "zypper"];
    each_command(context, out, |_, script, command| {
        let action =
            command.arg(&["install", "add"]).filter(|_| command.name().is_some_and(|name| TOOLS.contains(&name)))?;
        let start = command.words.iter().position(|word| word.start == action.start)? + 1;
        // An option may take a value, which is no package.
        let packages = command.words.get(start..)?.iter().skip_while(|word| word.is_flag()).collect::<Vec<_>>();
        let plain = packages.iter().all(|word| word.literal && !word.is_flag());
        let mut sorted: Vec<&str> = packages.iter().map(|word| word.text.as_str()).collect();
        sorted.sort_unstable();
        if !plain || packages.iter().map(|word| word.text.as_str()).eq(sorted.iter().copied()) {
            return None;
        }
        let edits = packages.iter().zip(&sorted).filter(|(word, text)| word.text != **text);
        let edits: Option<Vec<Edit>> =
            edits.map(|(word, text)| Some(Edit::replace(script.exact(word.start, word.end)?, *text))).collect();
        let written = packages
            .iter()
            .all(|word| script.exact(word.start, word.end).is_some_and(|at| context.text(at) == word.text));
        let fix = edits.filter(|_| written).map(|edits| Fix::risky("sort them", edits));
        Some(Finding::new(script.command(command), "the packages are not sorted").maybe_fix(fix))
    });
}
