//! `package-cache-mount`.

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity};

/// Wants a cache mount where packages are installed.
pub(super) const RULE: Rule = Rule {
    id: "package-cache-mount",
    severity: Severity::Off,
    summary: "Wants a cache mount where packages are installed.",
    page: "With `RUN --mount=type=cache` what was downloaded once is not downloaded again. Off until it is switched on.",
    aliases: &[],
    check,
};

/// Tools, what they install by, and where they keep what they download.
const CACHES: [(&[&str], &[&str], &str); 7] = [
    (&["apt-get", "apt"], &["install"], "/var/cache/apt"),
    (&["apk"], &["add"], "/var/cache/apk"),
    (&["dnf", "microdnf"], &["install"], "/var/cache/libdnf5"),
    (&["yum"], &["install"], "/var/cache/yum"),
    (&["zypper"], &["install", "in"], "/var/cache/zypp"),
    (&["npm"], &["install", "ci"], "/root/.npm"),
    (&["pip", "pip3"], &["install"], "/root/.cache/pip"),
];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    each_command(context, out, |step, script, command| {
        let (_, _, path) = CACHES.iter().find(|(tools, actions, _)| command.runs(tools, actions))?;
        let mounted = step.run().is_some_and(|run| !run.mounts.is_empty());
        (!mounted).then(|| Finding::new(script.command(command), format!("mount a cache over `{path}`")))
    });
}
