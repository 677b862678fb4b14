//! Repairs what the parser minds, by the code of its remark.

mod arguments;
mod flags;
pub(super) mod place;

use containr_dockerfile::{Code, Diagnostic, Severity, Span};

use super::edits::line_above;
use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Fix};

/// Returns the ways to repair a remark of the parser, the likeliest first.
pub(super) fn repair(context: &Context<'_>, remark: &Diagnostic) -> Vec<Fix> {
    if let Some(text) = &remark.suggestion {
        return vec![Fix::risky(format!("write `{text}`"), vec![Edit::replace(remark.span, text.as_str())])];
    }
    if remark.code == Code::InvalidEscape {
        let write = |char: &str| Fix::risky(format!("write `{char}`"), vec![Edit::replace(remark.span, char)]);
        return vec![write("\\"), write("`")];
    }
    one(context, remark).into_iter().collect()
}

fn one(context: &Context<'_>, remark: &Diagnostic) -> Option<Fix> {
    let span = remark.span;
    match remark.code {
        Code::NoInstructions => Some(Fix::risky("begin a stage from scratch", vec![first_stage(context, span)])),
        Code::DuplicateDirective => Some(Fix::risky("remove the directive", vec![whole_line(context, span)])),
        Code::InvalidCheck => Some(Fix::risky("remove the directive", vec![whole_line(context, span)])),
        Code::NoStage => place::below_from(context, context.around(span.start)?),
        Code::InvalidTrigger => place::trigger(context, context.around(span.start)?, span),
        Code::InvalidStageName => place::stage_name(context, span),
        Code::UnterminatedHeredoc => end_heredoc(context, span),
        Code::MissingArgument => arguments::missing(context, context.around(span.start)?, span),
        Code::ExtraArgument => arguments::extra(context, context.around(span.start)?, span),
        Code::EmptyArgument => arguments::empty(context, context.around(span.start)?),
        Code::InvalidPair => arguments::pair(context, context.around(span.start)?, span),
        Code::JsonRequired => arguments::json(context, span),
        Code::JsonNotStrings => arguments::quoted(context, span),
        Code::UnknownFlag if remark.severity == Severity::Warning => flags::ignored(context, span),
        Code::UnknownFlag | Code::DuplicateFlag | Code::MissingFlagValue => flags::remove(context, span),
        Code::InvalidFlagValue => flags::value(context, span),
        _ => None,
    }
}

/// Returns the edit that begins a stage at a place, on a line of its own.
fn first_stage(context: &Context<'_>, place: Span) -> Edit {
    let front = &context.parsed.text()[..place.start as usize];
    let open = !front.is_empty() && !front.ends_with('\n');
    let line_break = context.line_break();
    Edit::insert(place.start, format!("{}FROM scratch{line_break}", if open { line_break } else { "" }))
}

/// Returns the edit that removes the lines that a place is part of.
fn whole_line(context: &Context<'_>, span: Span) -> Edit {
    let text = context.parsed.text();
    let start = text[..span.start as usize].rfind('\n').map_or(0, |index| index + 1);
    let end = text[span.end as usize..].find('\n').map_or(text.len(), |index| span.end as usize + index + 1);
    Edit::remove(Span::new(start as u32, end as u32))
}

/// Returns the fix that ends a heredoc at the end of the file.
fn end_heredoc(context: &Context<'_>, word: Span) -> Option<Fix> {
    let written = context.text(word);
    let name = written.trim_start_matches(|char: char| char.is_ascii_digit()).trim_start_matches('<');
    let name = name.trim_start_matches('-').replace(['"', '\''], "");
    let text = context.parsed.text();
    let line_break = context.line_break();
    let front = if text.ends_with('\n') { "" } else { line_break };
    let edit = Edit::insert(text.len() as u32, format!("{front}{name}{line_break}"));
    (!name.is_empty()).then(|| Fix::risky("end the heredoc at the end of the file", vec![edit]))
}

/// Returns the fix that writes a line above an instruction.
fn above(context: &Context<'_>, step: &Step<'_>, line: &str, title: &'static str) -> Option<Fix> {
    Some(Fix::risky(title, vec![line_above(context, step, line)?]))
}
