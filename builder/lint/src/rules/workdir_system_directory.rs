//! `workdir-system-directory`.

use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, trivy};

/// Wants WORKDIR outside of the directories of the system.
pub(super) const RULE: Rule = Rule {
    id: "workdir-system-directory",
    severity: Severity::Warning,
    summary: "Wants WORKDIR outside of the directories of the system.",
    page: "Files that a build writes into `/bin`, `/proc` and the like collide with the system's own.",
    aliases: &[trivy("DS-0030"), trivy("avoid-sys-workdir-mounts")],
    check,
};

const SYSTEM: [&str; 9] = ["/bin", "/boot", "/dev", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr/bin"];

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Workdir(path) = step.kind() else { continue };
        let written = bare(&path.value).trim_end_matches('/');
        if SYSTEM
            .iter()
            .any(|system| written.strip_prefix(system).is_some_and(|end| end.is_empty() || end.starts_with('/')))
        {
            out.add(Finding::new(path.span, format!("`{written}` belongs to the system")));
        }
    }
}
