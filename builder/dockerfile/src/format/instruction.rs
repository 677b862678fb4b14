//! Lays out one instruction: the case of its keywords and the gaps between its words.

use rowan::NodeOrToken;

use super::gap::{Indent, Manner, Spacing, lay_out};
use super::{Edit, INDENT, same};
use crate::keyword::Keyword;
use crate::parse::Parsed;
use crate::syntax::Instruction;
use crate::tree::{SyntaxKind, SyntaxNode};

/// Returns the edits of an instruction; none where it would read differently afterwards.
pub(super) fn edits(
    parsed: &Parsed,
    node: &SyntaxNode,
    instruction: &Instruction,
    line_break: &'static str,
) -> Vec<Edit> {
    let parts = Parts::new(parsed, node);
    let mut edits = casing(&parts, instruction);
    match gaps(&parts, parsed, line_break) {
        Some(gaps) => edits.extend(gaps),
        None => return Vec::new(),
    }
    edits.sort_by_key(|edit| edit.span);
    let old = &parsed.text()[parts.start..parts.end];
    if !edits.is_empty() && !same::reads_alike(old, &changed(old, parts.start, &edits), parsed.escape()) {
        edits.clear();
    }
    let other = parts.heredoc_breaks.iter().filter(|(start, end)| parsed.text()[*start..*end] != *line_break);
    edits.extend(other.map(|(start, end)| Edit::new(*start, *end, line_break)));
    edits
}

/// Is a word of an instruction, or a part of one between continuations.
#[derive(Clone, Copy)]
struct Part {
    kind: SyntaxKind,
    /// Whether it is part of a JSON array.
    json: bool,
    start: usize,
    end: usize,
}

/// Are the words of an instruction without its heredocs.
struct Parts<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    all: Vec<Part>,
    /// The line breaks before heredocs.
    heredoc_breaks: Vec<(usize, usize)>,
}

impl<'a> Parts<'a> {
    fn new(parsed: &'a Parsed, node: &SyntaxNode) -> Self {
        let start = node.text_range().start().into();
        let end = node.text_range().end().into();
        let mut parts = Self { text: parsed.text(), start, end, all: Vec::new(), heredoc_breaks: Vec::new() };
        parts.read(node);
        parts
    }

    fn read(&mut self, node: &SyntaxNode) {
        let json = node.kind() == SyntaxKind::JsonArray;
        let mut line_break = None;
        for element in node.children_with_tokens() {
            let range = element.text_range();
            let (start, end) = (range.start().into(), range.end().into());
            let before = line_break.take();
            match element {
                NodeOrToken::Node(inner) => match inner.kind() {
                    SyntaxKind::Heredoc => self.heredoc(start, before),
                    SyntaxKind::JsonArray => self.read(&inner),
                    // The instruction that ONBUILD keeps is part of the image, so it is one word here.
                    kind => self.all.push(Part { kind, json: false, start, end }),
                },
                NodeOrToken::Token(token) => match token.kind() {
                    SyntaxKind::Newline => line_break = Some((start, end)),
                    SyntaxKind::Whitespace | SyntaxKind::Continuation | SyntaxKind::Comment => {}
                    kind => self.all.push(Part { kind, json, start, end }),
                },
            }
        }
    }

    /// Notes a heredoc and the line break before it; the first one ends the instruction's own lines.
    fn heredoc(&mut self, start: usize, line_break: Option<(usize, usize)>) {
        self.end = self.end.min(line_break.map_or(start, |(start, _)| start));
        self.heredoc_breaks.extend(line_break);
    }

    fn of(&self, kind: SyntaxKind) -> impl Iterator<Item = &Part> {
        self.all.iter().filter(move |part| part.kind == kind)
    }

    /// Tells whether a shell's text goes over several lines, whose indentation is part of it.
    fn has_long_text(&self) -> bool {
        let nested = self.of(SyntaxKind::Instruction).any(|part| self.text[part.start..part.end].contains('\n'));
        nested || self.of(SyntaxKind::Text).nth(1).is_some()
    }
}

/// Returns the edits that write keywords in upper case.
fn casing(parts: &Parts<'_>, instruction: &Instruction) -> Vec<Edit> {
    let mut found: Vec<&Part> = parts.of(SyntaxKind::Keyword).collect();
    let words: Vec<&Part> = parts.of(SyntaxKind::Word).collect();
    match (Keyword::read(&instruction.keyword.value), words.as_slice()) {
        (Some(Keyword::From), [_, middle, _]) => found.push(middle),
        (Some(Keyword::Healthcheck), [first]) => found.push(first),
        _ => {}
    }
    let upper = found.into_iter().map(|part| (part, parts.text[part.start..part.end].to_ascii_uppercase()));
    upper
        .filter(|(part, upper)| parts.text[part.start..part.end] != *upper)
        .map(|(part, upper)| Edit::new(part.start, part.end, upper))
        .collect()
}

/// Returns the edits of what stands between words and after the last one; nothing where that is not understood.
fn gaps(parts: &Parts<'_>, parsed: &Parsed, line_break: &'static str) -> Option<Vec<Edit>> {
    let indent = if parts.has_long_text() { Indent::Kept } else { Indent::Fixed(INDENT) };
    let manner = Manner { escape: parsed.escape(), line_break, indent };
    let mut edits = Vec::new();
    for pair in parts.all.windows(2) {
        let [left, right] = pair else { continue };
        let gap = &parts.text[left.end..right.start];
        let wanted = lay_out(gap, spacing(left, right), manner)?;
        if wanted != gap {
            edits.push(Edit::new(left.end, right.start, wanted));
        }
    }
    let last = parts.all.last()?;
    let rest = &parts.text[last.end..parts.end];
    // ONBUILD keeps blanks at the end; a continuation at the end of the file is left as it is.
    if last.kind != SyntaxKind::Instruction && !rest.is_empty() && rest.trim().is_empty() && !rest.contains('\n') {
        edits.push(Edit::new(last.end, parts.end, ""));
    }
    Some(edits)
}

fn spacing(left: &Part, right: &Part) -> Spacing {
    match (left, right) {
        (Part { json: true, kind: SyntaxKind::Comma, .. }, Part { json: true, .. }) => Spacing::Apart,
        (Part { json: true, .. }, Part { json: true, .. }) => Spacing::Tight,
        _ => Spacing::AsWritten,
    }
}

/// Returns a text after edits whose places count from `base` bytes before it.
fn changed(text: &str, base: usize, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.span.start as usize - base]);
        out.push_str(&edit.text);
        at = edit.span.end as usize - base;
    }
    out + &text[at..]
}
