//! Rewrites of RUN: joining, parting, and the form with a heredoc.

use std::ops::Range;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Command, Instruction, Run};
use containr_lint::Edit;

use super::refactor::{Refactoring, Rewrite, Spot};
use super::shell::{Shell, TokenKind, run_of, unfold};

/// Offers to join the selected RUN with the one after it, or all that are selected.
pub(super) fn merge(spot: &Spot<'_>) -> Option<Refactoring> {
    let siblings = spot.siblings();
    let first = siblings.partition_point(|one| one.span.end < spot.selection.start);
    let touched = |one: &&&Instruction| one.span.start <= spot.selection.end;
    // One touched RUN is joined with the next, which need not be selected.
    let selected = match siblings.get(first..)?.iter().take_while(touched).count() {
        0 => return None,
        count => count.max(2),
    };
    let group = siblings.get(first..first + selected)?;
    let mut edits = Vec::new();
    for pair in group.windows(2) {
        edits.push(join(spot, pair[0], pair[1])?);
    }
    let title = match selected {
        2 => "Join with the next RUN".to_owned(),
        count => format!("Join {count} RUN instructions"),
    };
    Some(Refactoring { title, rewrite: Rewrite::Inline, edits })
}

/// Returns the edit that makes two RUN one: it replaces what stands between their commands.
fn join(spot: &Spot<'_>, left: &Instruction, right: &Instruction) -> Option<Edit> {
    let (front, back) = (run_of(left)?, run_of(right)?);
    let flags = |one: &Instruction| one.flags.iter().map(|flag| spot.text(flag.span).to_owned()).collect::<Vec<_>>();
    if flags(left) != flags(right) {
        return None;
    }
    let (before, after) = (Shell::of(spot.parsed, front)?, Shell::of(spot.parsed, back)?);
    // `a; b` before `&&` means the same as alone, and so does `a || b`; behind it neither does.
    let open = before.tokens.last().is_none_or(|token| !matches!(token.kind, TokenKind::Word | TokenKind::Paren));
    let whole = before.tokens.first()?.range.start..before.tokens.last()?.range.end;
    if open || before.is_stateful(&whole) || after.chain().is_none() {
        return None;
    }
    let end = whole.end;
    let begin = after.tokens.first()?.range.start;
    let eol = spot.eol();
    let mut glue = format!(" \\{eol}");
    for comment in spot.comments_between(end, begin) {
        glue.push_str(&format!("    {comment}{eol}"));
    }
    glue.push_str("    && ");
    Some(Edit { span: crate::cursor::span(end, begin), text: glue })
}

/// Offers to part a RUN at every outer `&&`, or at the one under the cursor.
pub(super) fn split(spot: &Spot<'_>) -> Vec<Refactoring> {
    let Some((instruction, shell)) = shell_at(spot) else { return Vec::new() };
    let Some(parts) = shell.chain().filter(|parts| parts.len() > 1) else { return Vec::new() };
    let prefix = format!("{} {}", spot.text(instruction.keyword.span), spot.flags(instruction));
    let cut = |index: usize| {
        let (left, right) = (&parts[index], &parts[index + 1]);
        let mut text = spot.eol().to_owned();
        for comment in spot.comments_between(left.end, right.start) {
            text.push_str(&format!("{comment}{}", spot.eol()));
        }
        text.push_str(&prefix);
        Edit { span: crate::cursor::span(left.end, right.start), text }
    };
    let free = |index: usize| !parts[..=index].iter().any(|part| shell.is_stateful(part));
    let mut found = Vec::new();
    let here = (0..parts.len() - 1).find(|index| {
        let gap = crate::cursor::span(parts[*index].end, parts[*index + 1].start);
        gap.start <= spot.selection.start && spot.selection.start <= gap.end
    });
    if let Some(index) = here.filter(|index| free(*index)) {
        let title = "Split RUN at this `&&`".to_owned();
        found.push(Refactoring { title, rewrite: Rewrite::Rephrase, edits: vec![cut(index)] });
    }
    if free(parts.len() - 2) {
        let title = format!("Split RUN into {} instructions", parts.len());
        let edits = (0..parts.len() - 1).map(cut).collect();
        found.push(Refactoring { title, rewrite: Rewrite::Rephrase, edits });
    }
    found
}

/// Offers to write a RUN as a heredoc, one command a line.
pub(super) fn heredoc(spot: &Spot<'_>) -> Option<Refactoring> {
    let (_, shell) = shell_at(spot)?;
    let parts = shell.chain()?;
    let (first, last) = (parts.first()?.start, parts.last()?.end);
    let eol = spot.eol();
    let mut body = String::new();
    let mut at = first;
    for part in &parts {
        for comment in spot.comments_between(at, part.start) {
            body.push_str(&format!("{comment}{eol}"));
        }
        body.push_str(&line_of(spot, &shell, part));
        at = part.end;
    }
    let word = delimiter(&body);
    let text = format!("<<{word}{eol}set -e{eol}{body}{word}");
    let title = "Write RUN as a heredoc".to_owned();
    Some(Refactoring {
        title,
        rewrite: Rewrite::Rephrase,
        edits: vec![Edit { span: crate::cursor::span(first, last), text }],
    })
}

/// Returns a command as lines of a script: comments inside go above it, since they would end its continuation.
fn line_of(spot: &Spot<'_>, shell: &Shell<'_>, part: &Range<usize>) -> String {
    let eol = spot.eol();
    let inside = shell.comments.iter().any(|comment| part.contains(&comment.start));
    let text = &spot.parsed.text()[part.clone()];
    let has_gap = text.lines().any(|line| line.trim().is_empty());
    if !inside && !has_gap {
        return format!("{text}{eol}");
    }
    let comments: String =
        spot.comments_between(part.start, part.end).into_iter().map(|comment| format!("{comment}{eol}")).collect();
    format!("{comments}{}{eol}", unfold(text))
}

/// Returns a word that is no line of the text.
fn delimiter(body: &str) -> String {
    let taken = |word: &str| body.lines().any(|line| line.trim() == word);
    let mut words = std::iter::once("EOF".to_owned()).chain((1..).map(|number| format!("EOF{number}")));
    words.find(|word| !taken(word)).unwrap_or_default()
}

/// Offers to write a RUN with a heredoc as a chain of `&&`.
pub(super) fn chain(spot: &Spot<'_>) -> Option<Refactoring> {
    let instruction = spot.instruction()?;
    let run = run_of(instruction).filter(|_| spot.is_posix())?;
    let [heredoc] = run.heredocs.as_slice() else { return None };
    let Command::Shell(text) = &run.command else { return None };
    let content = heredoc.text();
    let plain = text.value.starts_with("<<") && !text.value.contains(char::is_whitespace) && !content.starts_with("#!");
    let lines = plain.then(|| simple_lines(&content))??;
    let eol = spot.eol();
    let body = lines.join(&format!(" \\{eol}    && "));
    let span = Span::new(text.span.start, instruction.span.end);
    let title = "Write the heredoc as a chain of `&&`".to_owned();
    Some(Refactoring { title, rewrite: Rewrite::Rephrase, edits: vec![Edit { span, text: body }] })
}

/// Returns the lines of a script that stops at the first failure and has one simple command in each line.
fn simple_lines(content: &str) -> Option<Vec<String>> {
    let mut lines = content.lines().map(str::trim).filter(|line| !line.is_empty());
    if !matches!(lines.next()?, "set -e" | "set -eu" | "set -ex" | "set -eux") {
        return None;
    }
    let found: Vec<String> = lines.map(str::to_owned).collect();
    let sound = |line: &String| {
        let file = format!("FROM a\nRUN {line}\n");
        let parsed = containr_dockerfile::parse(file.as_bytes());
        let stage = parsed.syntax().stages.first();
        let run: Option<&Run> = stage.and_then(|stage| run_of(stage.instructions.first()?));
        run.is_some_and(|run| run.heredocs.is_empty() && Shell::of(&parsed, run).and_then(|one| one.chain()).is_some())
    };
    (!found.is_empty() && found.iter().all(sound)).then_some(found)
}

/// Returns the RUN under the cursor with its shell text, where a POSIX shell reads it.
pub(super) fn shell_at<'a>(spot: &Spot<'a>) -> Option<(&'a Instruction, Shell<'a>)> {
    let instruction = spot.instruction()?;
    let run = run_of(instruction).filter(|_| spot.is_posix())?;
    Some((instruction, Shell::of(spot.parsed, run)?))
}
