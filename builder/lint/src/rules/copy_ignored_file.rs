//! `copy-ignored-file`.

use containr_dockerfile::ignore::Verdict;
use containr_dockerfile::syntax::{Kind, Source};

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, buildkit};

/// Wants no COPY of what the ignore file leaves out.
pub(super) const RULE: Rule = Rule {
    id: "copy-ignored-file",
    severity: Severity::Warning,
    summary: "Wants no COPY of what the ignore file leaves out.",
    page: "The path is not part of the context: the build fails, or copies less than it seems. Needs the ignore file to be known.",
    aliases: &[buildkit("CopyIgnoredFile")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let Some(rules) = &context.config.surroundings.ignore else { return };
    for (_, step) in context.in_stages() {
        let (keyword, sources) = match step.kind() {
            Kind::Copy(copy) if copy.from.is_none() => ("Copy", &copy.sources),
            Kind::Add(add) => ("Add", &add.sources),
            _ => continue,
        };
        for source in sources {
            let Source::Path(path) = source else { continue };
            let Some(cleaned) = local(bare(&path.value)) else { continue };
            if rules.verdict(cleaned.trim_start_matches('/').as_bytes()) == Verdict::Ignored {
                let remark = format!("Attempting to {keyword} file {cleaned:?} that is excluded by .dockerignore");
                let message = format!("`{}` is left out of the context by the ignore file", path.value);
                let finding = Finding::new(path.span, message);
                // BuildKit compares the path as it is written, and no pattern begins with a slash.
                out.add(if cleaned.starts_with('/') { finding } else { finding.buildkit(step.span, remark) });
            }
        }
    }
}

/// Returns the clean form of a path of the context; nothing for what is elsewhere or not known.
fn local(path: &str) -> Option<String> {
    let elsewhere = path.contains("://") || path.starts_with("git@") || path.contains(['$', '*', '?', '[']);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    (!elsewhere && !parts.is_empty()).then(|| format!("{root}{}", parts.join("/")))
}
