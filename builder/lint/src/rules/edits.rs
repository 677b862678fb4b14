//! The edits that several rules make: words, commands, instructions and lines.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Command as Form;

use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Fix};
use crate::shell::{self, Command, Script, Word};

/// The length in bytes up to which a script is read again to see what a removed command leaves.
const LONGEST: usize = 4096;

/// Returns the fix that inserts a word after a word of a command; in an exec form it becomes a word of its own.
pub(super) fn insert_after(script: &Script, word: &Word, text: &str, title: &'static str) -> Option<Fix> {
    let at = script.after(word)?.start;
    let text = if script.is_exec() { format!("\", \"{}", text.trim()) } else { text.to_owned() };
    Some(Fix::risky(title, vec![Edit::insert(at, text)]))
}

/// Returns the edit that removes words that follow each other from a command, the first of which is not its name.
pub(super) fn remove_words(context: &Context<'_>, script: &Script, first: &Word, last: &Word) -> Option<Edit> {
    if script.is_exec() {
        // The comma and the quotes around the words go with them.
        let place = script.exact(first.start, last.end)?;
        let from = context.parsed.text()[..place.start as usize].rfind(',')?;
        return Some(Edit::remove(Span::new(from as u32, place.end + 1)));
    }
    let start = first.start.checked_sub(1).filter(|before| script.text[*before..].starts_with([' ', '\t']))?;
    without_comments(context, script.exact(start, last.end)?).map(Edit::remove)
}

/// Returns the fix that removes a command from a list of commands, or the whole RUN where it has no other.
///
/// Only commands that nothing but `&&`, `;` or a line break joins to their neighbours can go.
pub(super) fn remove_command(
    context: &Context<'_>,
    step: &Step<'_>,
    script: &Script,
    command: &Command,
) -> Option<Fix> {
    const TITLE: &str = "remove the command";
    let (first, last) = (command.words.first()?, command.words.last()?);
    let end = last.end + redirections(&script.text[last.end..]);
    let (before, after) = (&script.text[..first.start], &script.text[end..]);
    if before.trim().is_empty() && matches!(after.trim(), "" | ";") {
        let single = step.run().is_some_and(|run| run.heredocs.is_empty());
        return single.then(|| Fix::risky(TITLE, vec![drop_instruction(context, step)]));
    }
    if script.text.len() > LONGEST {
        return None;
    }
    let (from, to) = gap(script, first.start, end)?;
    let left = format!("{}{}", &script.text[..from], &script.text[to..]);
    let kept = shell::read(&left).list;
    let others = script.list().iter().filter(|one| !std::ptr::eq(*one, command));
    let same = kept.iter().map(texts).eq(others.map(texts));
    let place = without_comments(context, script.exact(from, to)?)?;
    (same && !script.is_exec()).then(|| Fix::risky(TITLE, vec![Edit::remove(place)]))
}

fn texts(command: &Command) -> Vec<&str> {
    command.words.iter().map(|word| word.text.as_str()).collect()
}

/// Returns the range of a command with one of the operators beside it.
fn gap(script: &Script, start: usize, end: usize) -> Option<(usize, usize)> {
    let (before, after) = (&script.text[..start], &script.text[end..]);
    let line_start = before.trim_end_matches([' ', '\t']).ends_with('\n');
    let front = before.trim_end();
    let joined = front.ends_with("&&") || (front.ends_with(';') && !front.ends_with(";;"));
    let begins = front.is_empty() || joined || (line_start && !front.ends_with(['|', '&', '(', '{', '\\']));
    let rest = after.trim_start_matches([' ', '\t']);
    let operator = match rest {
        _ if rest.starts_with("&&") => 2,
        _ if rest.starts_with(['\n', ';']) && !rest.starts_with(";;") => 1,
        "" => 0,
        _ => return None,
    };
    let next = rest[operator..].trim_start();
    if !begins {
        return None;
    }
    if !next.is_empty() {
        return Some((start, script.text.len() - next.len()));
    }
    // It is the last one: the operator before it goes with it.
    let front = front.strip_suffix("&&").or_else(|| front.strip_suffix(';')).unwrap_or(front);
    Some((front.trim_end().len(), end))
}

/// Returns a place, where no comment between continued lines is lost with it.
pub(super) fn without_comments(context: &Context<'_>, place: Span) -> Option<Span> {
    let comment = |line: &str| line.trim_start().starts_with('#');
    (!context.text(place).lines().skip(1).any(comment)).then_some(place)
}

/// Returns the fix that appends a text to a RUN in shell form without heredocs that ends plainly.
pub(super) fn append(context: &Context<'_>, step: &Step<'_>, text: &str, title: &'static str) -> Option<Fix> {
    let run = step.run().filter(|run| run.heredocs.is_empty())?;
    let Form::Shell(shell) = &run.command else { return None };
    let script = step.script()?;
    let end = shell.value.trim_end();
    // What stands at the end already would be appended again and again.
    let there = end.ends_with(text.trim_start_matches([' ', '&']));
    let plain = !there && !end.ends_with([';', '&', '\\']) && !shell.value.contains('#');
    // The end must be that of a list of commands: nothing compound may be open there.
    let last = script.list().last()?.words.last()?;
    let at = end_of(context, step)?;
    (plain && last.end == script.text.len()).then(|| Fix::risky(title, vec![Edit::insert(at, text)]))
}

/// Returns the end of an instruction, where text after it does not become part of a continuation.
pub(super) fn end_of(context: &Context<'_>, step: &Step<'_>) -> Option<u32> {
    let text = context.text(step.span).trim_end();
    let open = text.ends_with(context.parsed.escape().char());
    (!open).then_some(step.span.end)
}

/// Returns the edit that removes an instruction with its line.
pub(super) fn drop_instruction(context: &Context<'_>, step: &Step<'_>) -> Edit {
    let text = context.parsed.text();
    let end = step.span.end as usize;
    let after = text[end..].find('\n').map_or(text.len(), |index| end + index + 1);
    Edit::remove(Span::new(step.span.start, after as u32))
}

/// Returns the edit that removes one word of an instruction with the blank before it, or the whole instruction where it
/// has no other.
pub(super) fn drop_argument(context: &Context<'_>, step: &Step<'_>, place: Span, count: usize) -> Option<Edit> {
    if count < 2 {
        return (!step.is_trigger()).then(|| drop_instruction(context, step));
    }
    let front = context.text(Span::new(step.span.start, place.start));
    let blank = front.ends_with([' ', '\t']);
    blank.then(|| Edit::remove(Span::new(place.start - 1, place.end)))
}

/// Returns the edit that writes a line above an instruction and the comments that speak of it.
pub(super) fn line_above(context: &Context<'_>, step: &Step<'_>, line: &str) -> Option<Edit> {
    let text = context.parsed.text();
    let start = text[..step.span.start as usize].rfind('\n').map_or(0, |index| index + 1);
    let mut top = start;
    while let Some(end) = top.checked_sub(1) {
        let above = text[..end].rfind('\n').map_or(0, |index| index + 1);
        if !text[above..end].trim_start().starts_with('#') {
            break;
        }
        top = above;
    }
    // At the top of the file the comments may be directives, which must stay there.
    let at = if top == 0 { start } else { top };
    (!step.is_trigger()).then(|| Edit::insert(at as u32, format!("{line}{}", context.line_break())))
}

/// Returns the edit that writes a line below the last instruction of a stage.
pub(super) fn line_at_end(context: &Context<'_>, stage: usize, line: &str) -> Option<Edit> {
    let last = context.stage(stage).last()?;
    Some(Edit::insert(end_of(context, last)?, format!("{}{line}", context.line_break())))
}

/// Returns the place of the whitespace between two places, where nothing else stands there.
pub(super) fn blanks_between(context: &Context<'_>, before: Span, after: Span) -> Option<Span> {
    let gap = Span::new(before.end, after.start);
    let escape = context.parsed.escape().char();
    let blank = |char: char| char.is_whitespace() || char == escape;
    (before.end <= after.start && context.text(gap).chars().all(blank)).then_some(gap)
}

/// Returns the fix that ends a stage with a user who has no rights: the number that every distribution gives to nobody.
pub(super) fn without_rights(context: &Context<'_>, stage: usize) -> Option<Fix> {
    Some(Fix::risky("end the stage as nobody", vec![line_at_end(context, stage, "USER 65534:65534")?]))
}

/// Returns the length of the redirections at the start of a text.
fn redirections(text: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = text[length..].trim_start_matches([' ', '\t']);
        let target = rest.trim_start_matches(|char: char| char.is_ascii_digit());
        let file = target.strip_prefix(['<', '>']).map(|file| file.strip_prefix(['>', '&']).unwrap_or(file));
        let Some(file) = file.map(|file| file.trim_start_matches([' ', '\t'])) else { return length };
        let end = file.find(|char: char| char.is_whitespace() || ";&|()<>'\"`".contains(char)).unwrap_or(file.len());
        if end == 0 {
            return length;
        }
        length = text.len() - file.len() + end;
    }
}
