//! Lays a Dockerfile out in one style, without changing what it says.
//!
//! The style: keywords in upper case; one blank between words; continued lines indented by four blanks; nothing in front
//! of an instruction or comment and no blanks at the end of a line; at most two empty lines in a row, none at either end
//! of the file and none inside an instruction; directives as `# key=value`; the kind of the first line break throughout;
//! a line break at the end.
//!
//! Whatever reaches the plan stays byte for byte: the text of a shell with the indentation of its continued lines, quoted
//! strings, heredocs, the instruction that ONBUILD keeps. So do the words of comments. An instruction with an error is
//! left alone, and so is one whose new text would read differently in any way (see [`same`]).

mod gap;
mod instruction;
mod line_break;
mod same;

use rowan::NodeOrToken;

use crate::diagnostic::{Diagnostic, Severity};
use crate::directives;
use crate::parse::Parsed;
use crate::source::offset;
use crate::span::Span;
use crate::syntax::Instruction;
use crate::tree::{SyntaxKind, SyntaxNode};

pub use line_break::format_line_break;

/// Indents the further lines of an instruction.
const INDENT: &str = "    ";

/// Is how many line breaks may stand in a row: those of two empty lines.
const MAX_BREAKS: usize = 3;

/// Is a change of the text that formatting asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    fn new(start: usize, end: usize, text: impl Into<String>) -> Self {
        Self { span: Span::new(offset(start), offset(end)), text: text.into() }
    }
}

/// Returns the edits that format a file, in the order of the text and apart from each other; none where it is formatted.
///
/// Formatting the result again gives no edit. The time is linear in the text.
pub fn format(parsed: &Parsed) -> Vec<Edit> {
    format_range(parsed, parsed.span())
}

/// Returns those edits of [`format()`] that concern the instructions, comments and empty lines that a span touches.
pub fn format_range(parsed: &Parsed, span: Span) -> Vec<Edit> {
    let layout = Layout::new(parsed);
    let touched = |start: usize, end: usize| start <= span.end as usize && span.start as usize <= end;
    let mut edits = Vec::new();
    let mut at = if parsed.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for (index, item) in layout.items.iter().enumerate() {
        if touched(at, item.start) {
            edits.extend(layout.before(index, at));
        }
        if touched(item.start, item.end) {
            edits.extend(layout.inside(item));
        }
        at = item.end;
    }
    if touched(at, parsed.text().len()) {
        edits.extend(layout.after(at));
    }
    edits
}

/// Returns the formatted file.
pub fn formatted(parsed: &Parsed) -> Vec<u8> {
    let mut text = Vec::with_capacity(parsed.text().len());
    let mut at = 0;
    for edit in format(parsed) {
        text.extend(parsed.bytes(Span::new(at, edit.span.start)));
        text.extend_from_slice(edit.text.as_bytes());
        at = edit.span.end;
    }
    text.extend(parsed.bytes(Span::new(at, parsed.span().end)));
    text
}

/// Is what stands on lines of its own.
struct Item<'a> {
    start: usize,
    end: usize,
    kind: ItemKind<'a>,
}

enum ItemKind<'a> {
    Comment,
    Directive,
    Instruction(SyntaxNode, &'a Instruction),
}

struct Layout<'a> {
    parsed: &'a Parsed,
    items: Vec<Item<'a>>,
    errors: Vec<&'a Diagnostic>,
    line_break: &'static str,
}

impl<'a> Layout<'a> {
    fn new(parsed: &'a Parsed) -> Self {
        let mut instructions = parsed.syntax().instructions();
        let mut items = Vec::new();
        for element in parsed.tree().children_with_tokens() {
            let range = element.text_range();
            let kind = match element {
                NodeOrToken::Node(node) => match instructions.next() {
                    Some(instruction) => ItemKind::Instruction(node, instruction),
                    None => continue,
                },
                NodeOrToken::Token(token) if token.kind() == SyntaxKind::Comment => ItemKind::Comment,
                NodeOrToken::Token(token) if token.kind() == SyntaxKind::Directive => ItemKind::Directive,
                NodeOrToken::Token(_) => continue,
            };
            items.push(Item { start: range.start().into(), end: range.end().into(), kind });
        }
        let errors = parsed.diagnostics().iter().filter(|one| one.severity == Severity::Error).collect();
        Self { parsed, items, errors, line_break: line_break(parsed.text()) }
    }

    /// Returns the edit of the blank lines and blanks before an item, which begin at `start`.
    fn before(&self, index: usize, start: usize) -> Option<Edit> {
        let (text, item) = (self.parsed.text(), &self.items[index]);
        let gap = &text[start..item.start];
        let sound = self.is_sound(item);
        if index == 0 {
            // What stands on the first line may turn into a directive there.
            let stays =
                !sound || matches!(item.kind, ItemKind::Comment) && directives::is_like_one(&text[item.start..]);
            return (!stays && !gap.is_empty()).then(|| Edit::new(start, item.start, ""));
        }
        let breaks = gap.matches('\n').count().min(MAX_BREAKS);
        let indent = if sound { "" } else { &gap[gap.rfind('\n').map_or(0, |last| last + 1)..] };
        self.replace(start, item.start, self.line_break.repeat(breaks) + indent)
    }

    /// Returns the edit of what stands after the last item.
    fn after(&self, start: usize) -> Option<Edit> {
        let end = self.parsed.text().len();
        let wanted = match self.items.last() {
            None => "",
            // A line break would become part of a heredoc that nothing ends.
            Some(item) if start == end && !self.is_sound(item) => return None,
            Some(_) => self.line_break,
        };
        self.replace(start, end, wanted.to_owned())
    }

    fn inside(&self, item: &Item<'_>) -> Vec<Edit> {
        match &item.kind {
            _ if !self.is_sound(item) => Vec::new(),
            ItemKind::Comment => self.comment(item).into_iter().collect(),
            ItemKind::Directive => self.directive(item).into_iter().collect(),
            ItemKind::Instruction(node, instruction) => {
                instruction::edits(self.parsed, node, instruction, self.line_break)
            }
        }
    }

    fn comment(&self, item: &Item<'_>) -> Option<Edit> {
        let kept = trimmed(&self.parsed.text()[item.start..item.end]).len();
        self.replace(item.start + kept, item.end, String::new())
    }

    fn directive(&self, item: &Item<'_>) -> Option<Edit> {
        let wanted = directives::tidy(&self.parsed.text()[item.start..item.end])?;
        self.replace(item.start, item.end, wanted)
    }

    fn replace(&self, start: usize, end: usize, text: String) -> Option<Edit> {
        (self.parsed.text()[start..end] != text).then(|| Edit::new(start, end, text))
    }

    /// Tells whether no error is told of an item.
    fn is_sound(&self, item: &Item<'_>) -> bool {
        let first = self.errors.partition_point(|one| (one.span.start as usize) < item.start);
        // The remark that a file has no instruction stands at its end.
        self.errors[first..]
            .iter()
            .take_while(|one| one.span.start as usize <= item.end)
            .all(|one| one.code == crate::Code::NoInstructions)
    }
}

/// Returns a comment without the blanks at its end; a carriage return between them would else join the line break.
fn trimmed(comment: &str) -> &str {
    comment.trim_end_matches([' ', '\t', '\r'])
}

/// Returns the line break that a text uses first.
fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
