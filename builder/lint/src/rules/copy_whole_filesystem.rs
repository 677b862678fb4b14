//! `copy-whole-filesystem`.

use containr_dockerfile::syntax::Kind;

use super::shared::{bare, sources};
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants COPY --from to take less than everything.
pub(super) const RULE: Rule = Rule {
    id: "copy-whole-filesystem",
    severity: Severity::Warning,
    summary: "Wants COPY --from to take less than everything.",
    page: "`COPY --from=x / /` brings all of the other stage, secrets and caches included.",
    aliases: &[hadolint("DL3067", "Do not copy an entire filesystem from another stage")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Copy(copy) = step.kind() else { continue };
        let all = sources(&copy.sources).into_iter().any(|path| bare(path) == "/");
        if copy.from.is_some() && all && bare(&copy.destination.value) == "/" {
            let message = "the whole file system of another stage is copied";
            out.add(Finding::new(step.keyword(), message).hadolint(step.span));
        }
    }
}
