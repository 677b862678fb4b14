//! `keyword-casing`.

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, buildkit, utils};

/// Wants all keywords in the same case.
pub(super) const RULE: Rule = Rule {
    id: "keyword-casing",
    severity: Severity::Warning,
    summary: "Wants all keywords in the same case.",
    page: "The spelling of the majority is taken as the wanted one.",
    aliases: &[buildkit("ConsistentInstructionCasing"), utils("CASING_INSTRUCTION")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let keywords = || context.in_stages().map(|(_, step)| (step, step.instruction.keyword.value.as_str()));
    let lower = keywords().filter(|(_, word)| !word.contains(char::is_uppercase)).count();
    let upper = keywords().filter(|(_, word)| !word.contains(char::is_lowercase)).count();
    for (step, word) in keywords() {
        let (wanted, name) =
            if lower > upper { (word.to_lowercase(), "lowercase") } else { (word.to_uppercase(), "uppercase") };
        if word != wanted {
            let remark = format!("Command '{word}' should match the case of the command majority ({name})");
            let fix = Fix::safe(format!("write {wanted}"), vec![Edit::replace(step.keyword(), wanted)]);
            let message = format!("`{word}` is not in the case of the other keywords");
            out.add(Finding::new(step.keyword(), message).buildkit(step.span, remark).fix(fix));
        }
    }
}
