//! What ShellCheck says of a script before it looks at the meaning.

use super::codes;
use super::linter::Remark;
use super::supplement;
use crate::shell::strict::{self, Problem, Reading};

/// Says what could be read of a body, and what is wrong with it.
pub(super) struct Judged {
    /// How many bytes can be looked at further; nothing where a mistake leaves everything open.
    pub(super) readable: Option<usize>,
    /// Whether the outcome is certain.
    pub(super) certain: bool,
    pub(super) remarks: Vec<Remark>,
}

/// Reads a body as ShellCheck does.
pub(super) fn judge(body: &str) -> Judged {
    let (readable, problems) = match strict::read(body) {
        Reading::Whole(problems) => (Some(body.len()), problems),
        Reading::Stopped(at, problems) => (Some(at), problems),
        Reading::Failed(at, mut problems) => {
            problems.push(Problem { code: 1072, start: at, end: at });
            (None, problems)
        }
        Reading::Unknown => return Judged { readable: Some(body.len()), certain: false, remarks: Vec::new() },
    };
    let remarks = problems.iter().filter_map(|problem| remark(problem, body)).collect();
    Judged { readable, certain: true, remarks }
}

fn remark(problem: &Problem, body: &str) -> Option<Remark> {
    let code = codes::find(&format!("SC{}", problem.code))?;
    // A place without a width is shown by the character that stands there.
    let width = body.get(problem.start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let end = problem.end.max(problem.start + width);
    Some(supplement::remark(code.id, code.message(), problem.start..end))
}

/// Leaves one remark for one mistake: where a script cannot be read, what is told of the rest follows from it.
pub(super) fn one_for_each_mistake(remarks: &mut Vec<&Remark>) {
    let stops = |one: &&Remark| matches!(one.code.id, "SC1070" | "SC1072" | "SC1088" | "SC1089");
    let Some(stop) = remarks.iter().copied().find(stops) else { return };
    if stop.code.id == "SC1072" {
        let errors = remarks.iter().copied().filter(|one| one.severity == stop.severity);
        let first = errors.min_by_key(|one| (one.range.start, one.code.id == stop.code.id)).unwrap_or(stop);
        *remarks = vec![first];
    } else {
        remarks.retain(|one| one.code.number() >= 2000 || one.range.start < stop.range.start || one.code == stop.code);
    }
}
