//! `user-never-used`.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Kind;

use super::shared::each_command;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity};

/// Wants USER for a user who is made.
pub(super) const RULE: Rule = Rule {
    id: "user-never-used",
    severity: Severity::Off,
    summary: "Wants USER for a user who is made.",
    page: "A user who is made and never switched to does not run the program. Off until it is switched on: an entry point may switch by itself.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    let users = context.steps.iter().filter_map(|step| match step.kind() {
        Kind::User(user) => user.value.split(':').next(),
        _ => None,
    });
    let used: BTreeSet<&str> = users.collect();
    each_command(context, out, |_, script, command| {
        let makes = command.is("useradd") || command.is("adduser");
        let name = command.args().last().filter(|word| makes && word.literal && !word.is_flag())?;
        let numbers = command.flag_values(&["u", "uid"]);
        let known = used.contains(name.text.as_str()) || numbers.iter().any(|word| used.contains(word.text.as_str()));
        (!known).then(|| Finding::new(script.word(name), format!("no USER switches to `{}`", name.text)))
    });
}
