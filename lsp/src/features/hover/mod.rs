//! Hover: what stands under the cursor, in words.

mod facts;
mod flags;
mod names;
mod words;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Instruction, Kind};
use containr_lint::{Diagnostic as Finding, Origin};

pub(crate) use facts::image as image_text;
pub(crate) use facts::{duration, size};

use crate::cursor::{Comment, Cursor, instruction_at};
use crate::documents::Document;
use crate::features::completion::rule_page;
use crate::reference;

/// Is what is to be shown of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hovered {
    /// What it is about.
    pub(crate) span: Span,
    /// The text, in Markdown.
    pub(crate) text: String,
    /// The image of which a port may know more, with its platform.
    pub(crate) image: Option<(String, Option<String>)>,
}

impl Hovered {
    fn new(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), image: None }
    }
}

/// Returns what is to be shown at an offset; `findings` are the document's.
pub(crate) fn hover(document: &Document, offset: u32, findings: &[Finding]) -> Option<Hovered> {
    let subject = subject(document, offset);
    let finding = findings.iter().filter(|one| one.span.start <= offset && offset < one.span.end);
    let finding = finding.min_by_key(|one| one.span.len());
    match (subject, finding) {
        (Some(mut subject), Some(finding)) => {
            subject.text.push_str(&format!("\n\n---\n\n{}", page(finding.origin)));
            Some(subject)
        }
        (None, Some(finding)) => Some(Hovered::new(finding.span, page(finding.origin))),
        (subject, None) => subject,
    }
}

/// Returns the page of a rule, or where ShellCheck's is.
fn page(origin: Origin) -> String {
    match origin {
        Origin::Rule(rule) => rule_page(rule),
        Origin::Shell(code) => {
            format!("**{}** ({})\n\n{}\n\n[ShellCheck]({})", code.id, code.severity, code.summary(), code.page())
        }
    }
}

/// Returns what the text itself says at an offset.
fn subject(document: &Document, offset: u32) -> Option<Hovered> {
    let cursor = Cursor::at(document.parsed(), offset);
    match cursor {
        Cursor::Comment(found) => return comment(&found),
        Cursor::Body => return words::heredoc(document, offset).or_else(|| names::variable(document, offset)),
        _ => {}
    }
    if let Some(found) = names::variable(document, offset).or_else(|| names::reference(document, offset)) {
        return Some(found);
    }
    let instruction = innermost(instruction_at(document.parsed(), offset as usize)?, offset);
    let keyword = instruction.keyword.span;
    if keyword.start <= offset && offset <= keyword.end {
        let known = reference::instruction(&instruction.keyword.value)?;
        return Some(Hovered::new(keyword, known.markdown()));
    }
    flags::flag(document, instruction, offset)
        .or_else(|| words::heredoc(document, offset))
        .or_else(|| words::word(instruction, offset))
}

/// Returns the instruction that ONBUILD keeps, where the offset stands in it.
fn innermost(instruction: &Instruction, offset: u32) -> &Instruction {
    match &instruction.kind {
        Kind::Onbuild(onbuild) if onbuild.trigger.span.start <= offset => innermost(&onbuild.trigger, offset),
        _ => instruction,
    }
}

/// Returns what a directive or the name of a rule in a comment means.
fn comment(comment: &Comment) -> Option<Hovered> {
    let at = comment.before.text.len();
    let text = &comment.whole.text;
    let key = text.split_once('=').map(|(key, _)| key.trim());
    if let Some(directive) = key.filter(|_| comment.directive).and_then(reference::directive) {
        return Some(Hovered::new(comment.whole.span, directive.markdown()));
    }
    let belongs = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    let start = text[..at]
        .rfind(|char| !belongs(char))
        .map_or(0, |index| index + text[index..].chars().next().map_or(1, char::len_utf8));
    let end = text[at..].find(|char| !belongs(char)).map_or(text.len(), |index| at + index);
    let name = &text[start..end];
    // Only in a comment that names rules; elsewhere a word is a word.
    let names_rules = ["ignore=", "skip=", "ignore:", "nosem"].iter().any(|form| text.contains(form));
    if !names_rules || name.is_empty() {
        return None;
    }
    let rule = containr_lint::find(name).map(Origin::Rule);
    let origin = rule.or_else(|| containr_lint::find_shell_code(name).map(Origin::Shell))?;
    let first = comment.whole.span.start;
    Some(Hovered::new(Span::new(first + start as u32, first + end as u32), page(origin)))
}

/// Returns a Markdown text for clients that show text as it is.
pub(crate) fn plain(markdown: &str) -> String {
    let lines = markdown.lines().filter(|line| !line.starts_with("```"));
    let lines: Vec<String> = lines.map(|line| line.replace("**", "").replace('`', "")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests;
