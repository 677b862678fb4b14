//! `pin-dnf`.

use super::rpm::Pins;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::{Command, Word};

/// Wants versions in `dnf install`.
pub(super) const RULE: Rule = Rule {
    id: "pin-dnf",
    severity: Severity::Warning,
    summary: "Wants versions in `dnf install`.",
    page: "Without a version the same file installs something else tomorrow.\n\nPin what must not move; keep in mind that distributions remove old versions from their indexes.",
    aliases: &[hadolint("DL3041", "Specify version with `dnf install -y <package>-<version>`.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for series in context.series() {
        let mut pins = Pins::default();
        for step in series {
            pins.see(step);
            let Some(script) = step.script() else { continue };
            let words = script.list().iter().flat_map(|command| unpinned(command, &pins));
            for (index, word) in words.enumerate() {
                let message = format!("`{}` is installed in any version", word.text);
                let finding = Finding::new(script.word(word), message);
                out.add(if index == 0 { finding.hadolint(step.span) } else { finding });
            }
        }
    }
}

fn unpinned<'c>(command: &'c Command, pins: &Pins<'_>) -> Vec<&'c Word> {
    if !command.runs(&["dnf", "microdnf"], &["install"]) {
        return Vec::new();
    }
    let module = command.has_arg("module");
    if command.runs(&["dnf", "microdnf"], &["module", "group"]) && !module {
        return Vec::new();
    }
    let mut words = command.plain_args(&[]);
    words.retain(|word| !matches!(word.text.as_str(), "install" | "module"));
    words.retain(|word| if module { !word.text.contains(':') } else { !pins.is_pinned(&word.text) });
    words
}
