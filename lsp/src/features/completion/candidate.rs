//! Candidates, and their form in the protocol.

use containr_dockerfile::Span;
use serde_json::json;
use tower_lsp_server::ls_types::{
    Command, CompletionItem, CompletionItemKind, CompletionTextEdit, InsertReplaceEdit, InsertTextFormat, Range,
    TextEdit,
};

use crate::cursor::Word;
use crate::documents::Document;

/// Is something that may be written at the cursor.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) label: String,
    pub(crate) kind: CompletionItemKind,
    /// What is inserted.
    pub(crate) text: String,
    /// Whether the text has the syntax of snippets.
    pub(crate) is_snippet: bool,
    pub(crate) detail: Option<String>,
    /// Where the documentation is found: a topic of `resolve`.
    pub(crate) topic: Option<String>,
    /// What is replaced up to the cursor.
    pub(crate) typed: Word,
    /// Where the word ends behind the cursor.
    pub(crate) end: u32,
    /// The group in the list; lower ones come first.
    pub(crate) rank: u8,
    /// Whether there is more to complete directly after it.
    pub(crate) goes_on: bool,
}

/// Says what a client can do with candidates.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// Whether texts may have places to fill in.
    pub(crate) snippets: bool,
    /// Whether an item may have one range to insert at and another to replace.
    pub(crate) insert_replace: bool,
    /// Whether the client knows the command that asks for completion again.
    pub(crate) suggests: bool,
}

impl Candidate {
    /// Begins a candidate that stands for itself.
    pub(crate) fn new(label: impl Into<String>, kind: CompletionItemKind, typed: &Word) -> Self {
        let label = label.into();
        Self {
            text: label.clone(),
            label,
            kind,
            is_snippet: false,
            detail: None,
            topic: None,
            typed: typed.clone(),
            end: typed.span.end,
            rank: 5,
            goes_on: false,
        }
    }

    /// Sets what is inserted.
    pub(crate) fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Sets what is inserted as a snippet.
    pub(crate) fn snippet(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self.is_snippet = true;
        self
    }

    /// Sets the words beside the label.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Sets where the documentation is found.
    pub(crate) fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// Sets the group in the list.
    pub(crate) fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    /// Sets where the replaced word ends.
    pub(crate) fn until(mut self, end: u32) -> Self {
        self.end = self.end.max(end);
        self
    }

    /// Says that more can be completed directly after it.
    pub(crate) fn goes_on(mut self) -> Self {
        self.goes_on = true;
        self
    }

    /// Tells whether the letters that were typed stand in the label in this order.
    pub(crate) fn fits(&self) -> bool {
        let mut label = self.label.chars().flat_map(char::to_lowercase);
        self.typed.text.chars().flat_map(char::to_lowercase).all(|wanted| label.any(|char| char == wanted))
    }

    /// Returns the protocol's item.
    pub(crate) fn item(self, document: &Document, style: Style) -> CompletionItem {
        let insert = document.range(self.typed.span);
        let replace = document.range(Span::new(self.typed.span.start, self.end));
        let is_snippet = self.is_snippet && style.snippets;
        let text = if self.is_snippet && !style.snippets { plain(&self.text) } else { self.text };
        CompletionItem {
            sort_text: Some(format!("{}{}", self.rank, self.label)),
            filter_text: Some(self.label.clone()),
            kind: Some(self.kind),
            detail: self.detail,
            insert_text_format: is_snippet.then_some(InsertTextFormat::SNIPPET),
            text_edit: Some(edit(text, insert, replace, style)),
            command: (self.goes_on && style.suggests).then(suggest),
            data: self.topic.map(|topic| json!({ "topic": topic })),
            label: self.label,
            ..CompletionItem::default()
        }
    }
}

fn edit(new_text: String, insert: Range, replace: Range, style: Style) -> CompletionTextEdit {
    if style.insert_replace && insert != replace {
        return CompletionTextEdit::InsertAndReplace(InsertReplaceEdit { new_text, insert, replace });
    }
    CompletionTextEdit::Edit(TextEdit { range: insert, new_text })
}

/// Returns the command of Visual Studio Code that asks for completion again.
fn suggest() -> Command {
    Command { title: "Suggest".to_owned(), command: "editor.action.triggerSuggest".to_owned(), arguments: None }
}

/// Returns a snippet's text with its placeholders filled in by their own names.
fn plain(snippet: &str) -> String {
    let mut text = String::with_capacity(snippet.len());
    let mut chars = snippet.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => text.extend(chars.next()),
            '$' if chars.peek() == Some(&'{') => {
                chars.next();
                while chars.next_if(char::is_ascii_digit).is_some() {}
                chars.next_if_eq(&':');
            }
            '$' => while chars.next_if(char::is_ascii_digit).is_some() {},
            '}' => {}
            char => text.push(char),
        }
    }
    text
}

/// Returns a text as a snippet that inserts it as it is.
pub(super) fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '$' | '}' | '\\') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_has_a_plain_form() {
        assert_eq!(plain("${1:source} ${2:destination}$0 \\$a \\\\"), "source destination $a \\");
        assert_eq!(plain(&literal("a$b}\\")), "a$b}\\");
    }
}
