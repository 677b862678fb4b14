//! `registry-not-allowed`.

use std::collections::BTreeSet;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Copy, Kind, MountKey};

use crate::context::{Context, Step};
use crate::diagnostic::{Finding, Findings};
use crate::image::Base;
use crate::rule::{Rule, Severity, hadolint};

/// Wants images of the allowed registries only.
pub(super) const RULE: Rule = Rule {
    id: "registry-not-allowed",
    severity: Severity::Error,
    summary: "Wants images of the allowed registries only.",
    page: "With allowed registries configured (`trustedRegistries`), an image of any other is remarked on.",
    aliases: &[hadolint("DL3026", "Use only an allowed registry in the FROM image")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let allowed = &context.config.trusted_registries;
    if allowed.is_empty() {
        return;
    }
    let mut names = BTreeSet::new();
    for step in &context.steps {
        let images = images(step);
        let outside = images.into_iter().find(|(text, _)| !is_allowed(&Base::read(text, None), allowed, &names));
        names.extend(step.base().and_then(|base| base.alias));
        if let Some((text, span)) = outside {
            out.add(Finding::new(span, format!("`{text}` is of no allowed registry")).hadolint(step.span));
        }
    }
}

/// Returns the images that an instruction names, with their places.
fn images<'a>(step: &Step<'a>) -> Vec<(&'a str, Span)> {
    match step.kind() {
        Kind::From(from) => vec![(&from.base.value, from.base.span)],
        Kind::Copy(Copy { from: Some(from), .. }) => vec![(&from.value, from.span)],
        Kind::Run(run) => {
            let options = run.mounts.iter().flat_map(|mount| &mount.options);
            let from = options.filter(|option| option.key == MountKey::From);
            from.filter_map(|option| Some((option.value.as_deref()?, option.text.span))).collect()
        }
        _ => Vec::new(),
    }
}

fn is_allowed(base: &Base<'_>, allowed: &BTreeSet<String>, names: &BTreeSet<&str>) -> bool {
    let listed = |registry: &str| allowed.iter().any(|pattern| matches(pattern, registry));
    names.contains(base.name)
        || match base.registry {
            Some(registry) => listed(registry),
            None => base.name == "scratch" || listed("docker.io") || listed("hub.docker.com"),
        }
}

fn matches(pattern: &str, registry: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => registry.ends_with(end),
        (None, Some(start)) => registry.starts_with(start),
        (None, None) => pattern == registry,
    }
}
