//! `copy-relative-without-workdir`.

use std::collections::BTreeMap;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
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
                let finding = Finding::new(copy.destination.span, message).hadolint(step.span);
                out.add(finding.maybe_fix(absolute(context, copy.destination.span)));
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

/// Returns the fix that writes the path that the destination has in an image without a working directory.
fn absolute(context: &Context<'_>, place: Span) -> Option<Fix> {
    let written = context.text(place);
    let path = bare(written);
    let rest = path.strip_prefix("./").unwrap_or(if path == "." { "" } else { path });
    let plain = !rest.starts_with('.') && !path.is_empty() && !path.contains(['\\', '"', '\'']);
    let edit = Edit::replace(place, written.replacen(path, &format!("/{rest}"), 1));
    plain.then(|| Fix::risky("make the path absolute", vec![edit]))
}
