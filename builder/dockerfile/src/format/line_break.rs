//! What an editor does when a line is ended.

use super::{Edit, INDENT, ItemKind, Layout};
use crate::logical::without_continuation;
use crate::parse::Parsed;
use crate::source::offset;
use crate::syntax::{Instruction, Kind, Source};

/// Returns the edits for a line break that was typed just now; `at` is a place of the new line.
///
/// An instruction that is continued there gets its indentation, one that ended on the line before is formatted. Other
/// lines stay as they are, so that nothing moves under the cursor.
pub fn format_line_break(parsed: &Parsed, at: u32) -> Vec<Edit> {
    let text = parsed.text();
    let Some(before) = text.get(..at as usize) else { return Vec::new() };
    let Some(start) = before.rfind('\n').map(|last| last + 1) else { return Vec::new() };
    let ended = text[..start - 1].trim_end_matches('\r').len();
    let layout = Layout::new(parsed);
    let index = layout.items.partition_point(|item| item.start < start);
    let Some(item) = index.checked_sub(1).map(|index| &layout.items[index]) else { return Vec::new() };
    let ItemKind::Instruction(_, instruction) = &item.kind else {
        return if item.end == ended { layout.inside(item) } else { Vec::new() };
    };
    let unfinished = start == text.len() && without_continuation(&text[item.start..ended], parsed.escape()).is_some();
    let own = own_lines(instruction, item.end);
    if start <= own || item.end == ended && own == item.end && unfinished {
        return indentation(text, start, item.start).into_iter().collect();
    }
    if item.end == ended { layout.inside(item) } else { Vec::new() }
}

/// Returns where an instruction's own lines end and its heredocs begin.
fn own_lines(instruction: &Instruction, end: usize) -> usize {
    let body = |kind: &Kind| -> Option<usize> {
        match kind {
            Kind::Run(run) => run.heredocs.first().map(|one| one.content.span.start as usize),
            Kind::Copy(copy) => first_body(&copy.sources),
            Kind::Add(add) => first_body(&add.sources),
            _ => None,
        }
    };
    let first = match &instruction.kind {
        Kind::Onbuild(onbuild) => body(&onbuild.trigger.kind),
        kind => body(kind),
    };
    first.map_or(end, |body| body.saturating_sub(1))
}

fn first_body(sources: &[Source]) -> Option<usize> {
    let bodies = sources.iter().filter_map(|source| match source {
        Source::Heredoc(heredoc) => Some(heredoc.content.span.start as usize),
        Source::Path(_) => None,
    });
    bodies.min()
}

/// Returns the edit that indents an empty line of an instruction as the line before, or as a first continued one.
fn indentation(text: &str, start: usize, instruction: usize) -> Option<Edit> {
    let line = text[start..].split('\n').next().unwrap_or_default().trim_end_matches('\r');
    if !line.trim().is_empty() {
        return None;
    }
    let previous = text[..start - 1].rfind('\n').map_or(0, |last| last + 1);
    let wanted = if previous <= instruction {
        INDENT
    } else {
        let previous = &text[previous..start];
        &previous[..previous.len() - previous.trim_start_matches([' ', '\t']).len()]
    };
    (line != wanted)
        .then(|| Edit { span: crate::Span::new(offset(start), offset(start + line.len())), text: wanted.to_owned() })
}
