//! `copy-without-chown`.

use containr_dockerfile::syntax::Kind;

use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants an owner for what is copied after USER.
pub(super) const RULE: Rule = Rule {
    id: "copy-without-chown",
    severity: Severity::Off,
    summary: "Wants an owner for what is copied after USER.",
    page: "COPY and ADD give files to root whatever USER says: the program may not be able to write them. Off until it is switched on.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let mut user: Option<&str> = None;
    for (_, step) in context.in_stages() {
        let owner = match step.kind() {
            Kind::From(_) => {
                user = None;
                continue;
            }
            Kind::User(name) => {
                let root = matches!(name.value.split(':').next(), Some("root" | "0"));
                user = (!root).then_some(name.value.as_str());
                continue;
            }
            Kind::Copy(copy) => &copy.chown,
            Kind::Add(add) => &add.chown,
            _ => continue,
        };
        let Some(user) = user.filter(|_| owner.is_none()) else { continue };
        let edit = Edit::insert(step.keyword().end, format!(" --chown={user}"));
        let plain = !user.contains(['"', '\'', ' ']);
        let fix = plain.then(|| Fix::risky(format!("give it to {user}"), vec![edit]));
        let message = format!("the files belong to root, not to `{user}`");
        out.add(Finding::new(step.keyword(), message).maybe_fix(fix));
    }
}
