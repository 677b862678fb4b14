//! `add-instead-of-copy`.

use containr_dockerfile::syntax::Kind;

use super::shared::{bare, is_archive, is_url, sources};
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, checkov, hadolint, semgrep, trivy};

/// Wants COPY where ADD does nothing more.
pub(super) const RULE: Rule = Rule {
    id: "add-instead-of-copy",
    severity: Severity::Error,
    summary: "Wants COPY where ADD does nothing more.",
    page: "ADD unpacks archives and fetches URLs. For plain files COPY says what is meant, and it never surprises.",
    aliases: &[
        hadolint("DL3020", "Use COPY instead of ADD for files and folders"),
        trivy("DS-0005"),
        trivy("use-copy-over-add"),
        checkov("CKV_DOCKER_4"),
        semgrep("prefer-copy-over-add"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Add(add) = step.kind() else { continue };
        let paths = sources(&add.sources);
        let plain = |path: &&str| !is_archive(bare(path)) && !is_url(bare(path));
        if !paths.iter().any(plain) {
            continue;
        }
        let finding = Finding::new(step.keyword(), "ADD copies plain files here, as COPY does").hadolint(step.span);
        let only_plain = paths.iter().all(plain) && !paths.iter().any(|path| is_remote(path));
        let flags = add.keep_git_dir.is_none() && add.checksum.is_none() && add.unpack.is_none();
        let keyword = if step.instruction.keyword.value.starts_with('a') { "copy" } else { "COPY" };
        let fix = Fix::risky("use COPY", vec![Edit::replace(step.keyword(), keyword)]);
        out.add(finding.maybe_fix((only_plain && flags).then_some(fix)));
    }
}

fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.ends_with(".git") || path.contains('$')
}
