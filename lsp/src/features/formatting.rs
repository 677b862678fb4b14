//! Formatting: the edits of the formatter in the protocol's form. The client's wishes about tabs are not heard.

use containr_dockerfile::{Edit, Span, format, format_line_break, format_range};
use tower_lsp_server::ls_types::{Position, Range, TextEdit};

use crate::documents::Document;

/// The character after which a line is looked at.
pub(crate) const TRIGGER: &str = "\n";

/// Returns the edits that format a document.
pub(crate) fn whole(document: &Document) -> Vec<TextEdit> {
    edits(document, format(document.parsed()))
}

/// Returns the edits that format the instructions and comments that a range touches.
pub(crate) fn within(document: &Document, range: Range) -> Vec<TextEdit> {
    let Span { start, end } = document.span(range);
    // A selection of whole lines ends where the next line begins, which it does not touch.
    let end = if end > start && range.end.character == 0 { end - 1 } else { end };
    edits(document, format_range(document.parsed(), Span::new(start, end)))
}

/// Returns the edits for a line break that was typed just before a position.
pub(crate) fn after_break(document: &Document, position: Position) -> Vec<TextEdit> {
    edits(document, format_line_break(document.parsed(), document.offset(position)))
}

fn edits(document: &Document, edits: Vec<Edit>) -> Vec<TextEdit> {
    edits.into_iter().map(|edit| TextEdit::new(document.range(edit.span), edit.text)).collect()
}
