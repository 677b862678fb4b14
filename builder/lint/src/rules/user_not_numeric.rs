//! `user-not-numeric`.

use std::collections::BTreeSet;

use containr_dockerfile::Spanned;
use containr_dockerfile::syntax::Kind;

use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity, hadolint};
use crate::shell::Script;

/// Wants a number in USER.
pub(super) const RULE: Rule = Rule {
    id: "user-not-numeric",
    severity: Severity::Info,
    summary: "Wants a number in USER.",
    page: "An orchestrator that must not run root (`runAsNonRoot`) cannot know what a name means.",
    aliases: &[hadolint("DL3066", "Non-numeric user-id may not be resolvable by host system")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut arguments: BTreeSet<&str> = BTreeSet::new();
    for step in &context.steps {
        match step.kind() {
            Kind::Arg(names) => arguments.extend(names.first().map(|one| one.name.value.as_str())),
            Kind::User(user) => {
                let id = user.value.split(':').next().unwrap_or_default();
                let by_argument = |name: &&str| {
                    user.value.contains(&format!("${{{name}}}")) || user.value.contains(&format!("${name}"))
                };
                if !id.chars().all(char::is_numeric) && !arguments.iter().any(by_argument) {
                    let message = format!("the user `{}` is a name, not a number", user.value);
                    let finding = Finding::new(user.span, message).hadolint(step.span);
                    out.add(finding.maybe_fix(number(context, step, user)));
                }
            }
            _ => {}
        }
    }
}

/// Returns the fix that writes the number of a user: root's and nobody's, and those that the stage itself gives.
fn number(context: &Context<'_>, step: &Step<'_>, user: &Spanned<String>) -> Option<Fix> {
    let (name, group) =
        user.value.split_once(':').map_or((user.value.as_str(), None), |(name, group)| (name, Some(group)));
    let id = match name {
        "root" => "0".to_owned(),
        "nobody" => "65534".to_owned(),
        _ => created(context, step, name)?,
    };
    let text = group.map_or(id.clone(), |group| format!("{id}:{group}"));
    Some(Fix::risky(format!("write `{text}`"), vec![Edit::replace(user.span, text)]))
}

/// Returns the number with which useradd or adduser makes a user earlier in the stage.
fn created(context: &Context<'_>, step: &Step<'_>, name: &str) -> Option<String> {
    let earlier = context.stage(step.stage?).iter().take_while(|other| other.span.start < step.span.start);
    let commands = earlier.filter_map(Step::script).flat_map(Script::list);
    let maker = commands.filter(|command| command.runs(&["useradd", "adduser"], &[name])).last()?;
    let id = maker.flag_values(&["u", "uid"]).first().map(|word| word.text.clone());
    id.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
}
