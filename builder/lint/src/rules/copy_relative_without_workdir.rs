//! `copy-relative-without-workdir`.

use std::collections::BTreeMap;

use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, hadolint};

/// Wants a WORKDIR before a COPY to a relative destination.
pub(super) const RULE: Rule = Rule {
    id: "copy-relative-without-workdir",
    severity: Severity::Warning,
    summary: "Wants a WORKDIR before a COPY to a relative destination.",
    page: "Without WORKDIR the destination depends on the base image.",
    aliases: &[hadolint("DL3045", "`COPY` to a relative destination without `WORKDIR` set.")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut current = None;
    let mut set: BTreeMap<Option<&str>, bool> = BTreeMap::new();
    for step in &context.steps {
        match step.kind() {
            Kind::From(_) => {
                let Some(base) = step.base() else { continue };
                let inherited = set.get(&Some(base.name)).copied().unwrap_or_default();
                current = Some(base.stage_name());
                set.insert(current, inherited);
            }
            Kind::Workdir(_) => drop(set.insert(current, true)),
            Kind::Copy(copy) if set.get(&current) != Some(&true) && is_relative(bare(&copy.destination.value)) => {
                let message = format!("`{}` is relative and no WORKDIR is set", copy.destination.value);
                out.add(Finding::new(copy.destination.span, message).hadolint(step.span));
            }
            _ => {}
        }
    }
}

fn is_relative(path: &str) -> bool {
    let mut chars = path.chars();
    let first = chars.next();
    let drive = first.is_some_and(char::is_alphabetic) && chars.next() == Some(':');
    !matches!(first, Some('/' | '$')) && !drive
}
