//! Rewrites of FROM and of the top of the file.

use containr_dockerfile::syntax::Stage;
use containr_dockerfile::{Parsed, Span};
use containr_lint::Edit;

use super::refactor::{Refactoring, Rewrite, Spot};
use crate::model::ReferenceKind;

/// Is an image reference taken apart; offsets are those of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// The name with its registry.
    pub(crate) repository: &'a str,
    pub(crate) tag: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Takes a reference apart; one with variables is whole.
    pub(crate) fn read(text: &'a str) -> Self {
        if text.contains('$') {
            return Self { repository: text, tag: None, digest: None };
        }
        let (front, digest) = text.split_once('@').map_or((text, None), |(front, digest)| (front, Some(digest)));
        let slash = front.rfind('/').map_or(0, |index| index + 1);
        let (repository, tag) = match front[slash..].find(':') {
            Some(index) => (&front[..slash + index], Some(&front[slash + index + 1..])),
            None => (front, None),
        };
        Self { repository, tag, digest }
    }

    /// Returns the last part of the name.
    pub(crate) fn short(&self) -> &'a str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }
}

/// Returns the stage whose FROM is under the cursor, with its number.
pub(super) fn stage_at<'a>(spot: &Spot<'a>) -> Option<(usize, &'a Stage)> {
    let found = spot.parsed.syntax().stages.iter().enumerate();
    found
        .into_iter()
        .find(|(_, stage)| stage.from.span.start <= spot.selection.start && spot.selection.start <= stage.from.span.end)
}

/// Offers to name a stage; what refers to it by its number uses the name afterwards.
pub(super) fn name_stage(spot: &Spot<'_>) -> Option<Refactoring> {
    let (number, stage) = stage_at(spot)?;
    if stage.name.is_some() || stage.base.value.is_empty() {
        return None;
    }
    let name = free_name(spot, &stage.base.value);
    let end = stage.base.span.end;
    let upper = stage.from.keyword.value.starts_with('F');
    let text = format!(" {} {name}", if upper { "AS" } else { "as" });
    let mut edits = vec![Edit { span: Span::new(end, end), text }];
    let numbered = spot.model.references.iter().filter(|one| {
        one.kind != ReferenceKind::Base && one.target == Some(number) && one.name.value == number.to_string()
    });
    let exact = |span: Span| spot.text(span) == number.to_string();
    edits.extend(
        numbered.filter(|one| exact(one.name.span)).map(|one| Edit { span: one.name.span, text: name.clone() }),
    );
    Some(Refactoring { title: format!("Name the stage `{name}`"), rewrite: Rewrite::Extract, edits })
}

fn free_name(spot: &Spot<'_>, base: &str) -> String {
    let short: String = Parts::read(base)
        .short()
        .to_ascii_lowercase()
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char } else { '-' })
        .collect();
    let stem = short.trim_matches('-');
    let sound = stem.starts_with(|char: char| char.is_ascii_lowercase()) && !matches!(stem, "scratch" | "context");
    let stem = if sound && !base.contains('$') { stem } else { "base" };
    let taken = |name: &str| {
        let is_name = |stage: &Stage| stage.name.as_ref().is_some_and(|own| own.value == name);
        // A later FROM of the same image would mean the stage.
        let is_base = |stage: &Stage| stage.base.value.eq_ignore_ascii_case(name);
        spot.parsed.syntax().stages.iter().any(|stage| is_name(stage) || is_base(stage))
    };
    let stem = if taken(stem) { format!("{stem}-base") } else { stem.to_owned() };
    let mut names = std::iter::once(stem.clone()).chain((2..).map(|number| format!("{stem}-{number}")));
    names.find(|name| !taken(name)).unwrap_or(stem)
}

/// Offers a global ARG for the tag of a base.
pub(super) fn argument_for_tag(spot: &Spot<'_>) -> Option<Refactoring> {
    let (_, stage) = stage_at(spot)?;
    let parts = Parts::read(&stage.base.value);
    let tag = parts.tag.filter(|tag| !tag.is_empty() && parts.digest.is_none())?;
    if spot.text(stage.base.span) != stage.base.value {
        return None;
    }
    let stem: String =
        parts.short().chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
    let stem = if stem.starts_with(|char: char| char.is_ascii_digit()) { format!("IMAGE_{stem}") } else { stem };
    let name = format!("{}_TAG", stem.to_ascii_uppercase());
    if spot.model.definitions.iter().any(|one| one.name.value == name) {
        return None;
    }
    let keyword = if stage.from.keyword.value.starts_with('F') { "ARG" } else { "arg" };
    let (at, before) = argument_place(spot.parsed)?;
    let eol = spot.eol();
    let line = format!("{keyword} {name}={tag}");
    let text = if before { format!("{line}{eol}") } else { format!("{eol}{line}") };
    let start = stage.base.span.start + parts.repository.len() as u32 + 1;
    let edits = vec![
        Edit { span: Span::new(at, at), text },
        Edit { span: Span::new(start, start + tag.len() as u32), text: format!("${{{name}}}") },
    ];
    Some(Refactoring { title: format!("Extract the tag into ARG {name}"), rewrite: Rewrite::Extract, edits })
}

/// Returns where a global ARG goes, and whether it stands before that place's line.
fn argument_place(parsed: &Parsed) -> Option<(u32, bool)> {
    let syntax = parsed.syntax();
    if let Some(last) = syntax.global_args.last() {
        return Some((last.span.end, false));
    }
    let from = &syntax.stages.first()?.from;
    // Comments directly above FROM speak of it and stay with it.
    let text = parsed.text();
    let mut at = text[..from.span.start as usize].rfind('\n').map_or(0, |index| index + 1);
    let first = from.comments.first().map_or(from.span.start, |comment| comment.span.start);
    while let Some(above) = text[..at].strip_suffix('\n') {
        let start = above.rfind('\n').map_or(0, |index| index + 1);
        if !above[start..].trim_start().starts_with('#') || (first as usize) > at || start < directives_end(parsed) {
            break;
        }
        at = start;
    }
    u32::try_from(at).ok().map(|at| (at, true))
}

fn directives_end(parsed: &Parsed) -> usize {
    let directives = &parsed.syntax().directives;
    let ends = [
        directives.syntax.as_ref().map(|one| one.span.end),
        directives.escape.as_ref().map(|one| one.span.end),
        directives.check.as_ref().map(|one| one.span.end),
    ];
    ends.into_iter().flatten().max().unwrap_or(0) as usize
}

/// Offers the `syntax` directive where there is none, at the top of the file.
pub(super) fn syntax_directive(spot: &Spot<'_>) -> Option<Refactoring> {
    let text = spot.parsed.text();
    let first = spot.parsed.syntax().instructions().next()?;
    let at_top = spot.selection.start <= first.span.end;
    if spot.parsed.syntax().directives.syntax.is_some() || !at_top {
        return None;
    }
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let shebang = text[mark..].starts_with("#!").then(|| text[mark..].find('\n').map(|index| mark + index + 1));
    let at = u32::try_from(shebang.flatten().unwrap_or(mark)).ok()?;
    let edits = vec![Edit { span: Span::new(at, at), text: format!("# syntax=docker/dockerfile:1{}", spot.eol()) }];
    Some(Refactoring { title: "Add `# syntax=docker/dockerfile:1`".to_owned(), rewrite: Rewrite::Rephrase, edits })
}
