//! `copy-then-chmod`.

use containr_dockerfile::syntax::Kind;

use super::edits::drop_instruction;
use super::shared::bare;
use crate::context::Context;
use crate::diagnostic::{Edit, Finding, Findings, Fix};
use crate::rule::{Rule, Severity};

/// Wants COPY --chmod instead of a RUN that only changes modes.
pub(super) const RULE: Rule = Rule {
    id: "copy-then-chmod",
    severity: Severity::Info,
    summary: "Wants COPY --chmod instead of a RUN that only changes modes.",
    page: "The RUN stores each file a second time; the flag does it while copying.",
    aliases: &[],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    for pair in context.steps.windows(2) {
        let [copy, run] = pair else { continue };
        let (Kind::Copy(files), Some(script)) = (copy.kind(), run.script()) else { continue };
        let [command] = script.list() else { continue };
        let [name, mode, path] = command.words.as_slice() else { continue };
        let octal = (3..=4).contains(&mode.text.len()) && mode.text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
        let same = name.text == "chmod" && path.literal && path.text == bare(&files.destination.value);
        let single =
            files.sources.len() == 1 && files.chmod.is_none() && run.run().is_some_and(|run| run.mounts.is_empty());
        if !(octal && same && single) || script.text.trim().len() != path.end - name.start {
            continue;
        }
        let flag = Edit::insert(copy.keyword().end, format!(" --chmod={}", mode.text));
        let fix = Fix::risky("use --chmod", vec![flag, drop_instruction(context, run)]);
        out.add(Finding::new(run.keyword(), "COPY can set this mode itself").fix(fix));
    }
}
