//! `copy-destination-no-slash`.

use containr_dockerfile::syntax::Kind;

use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint, trivy, utils};

/// Wants a destination that ends with a slash where COPY has several sources.
pub(super) const RULE: Rule = Rule {
    id: "copy-destination-no-slash",
    severity: Severity::Error,
    summary: "Wants a destination that ends with a slash where COPY has several sources.",
    page: "Several sources can only go into a directory; without the slash the build fails.",
    aliases: &[
        hadolint("DL3021", "COPY with more than 2 arguments requires the last argument to end with /"),
        utils("INVALID_DESTINATION"),
        trivy("DS-0011"),
        trivy("use-slash-for-copy-args"),
    ],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for step in &context.steps {
        let Kind::Copy(copy) = step.kind() else { continue };
        if copy.sources.len() < 2 || bare(&copy.destination.value).ends_with('/') {
            continue;
        }
        let place = copy.destination.span;
        let quoted = copy.destination.value.ends_with(['"', '\'']) || context.text(place).ends_with('"');
        let at = place.end - u32::from(quoted);
        let message = format!("`{}` must end with a slash to take several sources", copy.destination.value);
        let fix = Fix::risky("add the slash", vec![Edit::insert(at, "/")]);
        out.add(Finding::new(place, message).hadolint(step.span).fix(fix));
    }
}
