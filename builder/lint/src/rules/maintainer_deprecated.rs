//! `maintainer-deprecated`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, checkov, hadolint, semgrep, trivy, utils};

/// Wants a label instead of MAINTAINER.
pub(super) const RULE: Rule = Rule {
    id: "maintainer-deprecated",
    severity: Severity::Error,
    summary: "Wants a label instead of MAINTAINER.",
    page: "MAINTAINER is deprecated. Use `LABEL org.opencontainers.image.authors`.",
    aliases: &[
        hadolint("DL4000", "MAINTAINER is deprecated"),
        buildkit("MaintainerDeprecated"),
        utils("DEPRECATED_MAINTAINER"),
        trivy("DS-0022"),
        trivy("no-maintainer"),
        checkov("CKV_DOCKER_6"),
        semgrep("maintainer-is-deprecated"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Maintainer(name) = step.kind() else { continue };
        let value = name.value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
        let text = format!("LABEL org.opencontainers.image.authors=\"{value}\"");
        let fix = Fix::risky("write a label", vec![Edit::replace(step.span, text)]);
        let remark = "Maintainer instruction is deprecated in favor of using label";
        let finding = Finding::new(step.keyword(), "MAINTAINER is deprecated; use a label");
        let finding = finding.hadolint(step.span).buildkit(step.span, remark);
        out.add(finding.maybe_fix((!name.value.contains('"')).then_some(fix)));
    }
}
