//! Code actions: fixes of findings, comments that silence them, and rewrites.

pub(crate) mod bases;
mod forms;
mod packages;
mod pin;
mod refactor;
mod runs;
mod shell;
mod suppress;

use std::collections::HashMap;

use containr_dockerfile::Span;
use containr_lint::{Config, Diagnostic as Finding, Edit, Safety, apply};
use serde_json::json;
use tower_lsp_server::ls_types::{CodeAction, CodeActionKind, TextEdit, WorkspaceEdit};

use crate::documents::Document;
use crate::features::diagnostics::diagnostic;
pub(crate) use pin::{KIND as PIN, Pin, pin};
use refactor::{Rewrite, Spot};

/// The kind of the action that applies every safe fix.
pub(crate) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.containr");

/// The command that applies an edit, for clients that know commands only.
pub(crate) const APPLY: &str = "containr.applyEdit";

/// Is what a client wants to be offered.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// The selection.
    pub(crate) span: Span,
    /// The kinds it asks for; all where there are none.
    pub(crate) only: Option<&'a [CodeActionKind]>,
    /// Whether edits may be worked out when an action is chosen.
    pub(crate) resolves: bool,
}

impl Wanted<'_> {
    /// Tells whether a kind is asked for: itself or one that it is part of.
    fn allows(&self, kind: &CodeActionKind) -> bool {
        self.only.is_none_or(|only| only.iter().any(|one| is_part(kind.as_str(), one.as_str())))
    }

    /// Returns the base that could be pinned, where that is asked for.
    pub(crate) fn pin(&self, document: &Document) -> Option<Pin> {
        pin(document, self.span).filter(|_| self.allows(&PIN))
    }

    /// Tells whether a kind is asked for by name.
    fn names(&self, kind: &CodeActionKind) -> bool {
        self.only.is_some() && self.allows(kind)
    }
}

fn is_part(kind: &str, whole: &str) -> bool {
    kind.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || whole.is_empty())
}

/// Returns the actions for a selection; `findings` are those of the document under `config`.
pub(crate) fn actions(
    document: &Document,
    findings: &[Finding],
    config: &Config,
    wanted: &Wanted<'_>,
) -> Vec<CodeAction> {
    let mut found = Vec::new();
    if wanted.allows(&CodeActionKind::QUICKFIX) {
        let touched = |one: &&Finding| one.span.start <= wanted.span.end && wanted.span.start <= one.span.end;
        let touched: Vec<&Finding> = findings.iter().filter(touched).collect();
        touched.iter().for_each(|finding| found.extend(fixes(document, finding)));
        touched.iter().for_each(|finding| found.extend(suppress::actions(document, finding)));
    }
    let spot = Spot { parsed: document.parsed(), model: document.model(), selection: wanted.span };
    for one in refactor::refactorings(&spot) {
        let kind = match one.rewrite {
            Rewrite::Extract => CodeActionKind::REFACTOR_EXTRACT,
            Rewrite::Inline => CodeActionKind::REFACTOR_INLINE,
            Rewrite::Rephrase => CodeActionKind::REFACTOR_REWRITE,
        };
        if wanted.allows(&kind) {
            found.push(action(document, one.title, kind, &one.edits));
        }
    }
    found.extend(fix_all_offer(document, findings, config, wanted));
    found
}

fn fixes(document: &Document, finding: &Finding) -> impl Iterator<Item = CodeAction> {
    finding.fixes.iter().enumerate().map(|(index, fix)| {
        let title = format!("{} ({})", capitalised(&fix.title), finding.code);
        CodeAction {
            diagnostics: Some(vec![diagnostic(document, finding)]),
            is_preferred: (index == 0 && fix.safety == Safety::Safe).then_some(true),
            ..action(document, title, CodeActionKind::QUICKFIX, &fix.edits)
        }
    })
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Offers to apply every safe fix: lints many times, hence is worked out only when it is chosen or asked for by name.
fn fix_all_offer(
    document: &Document,
    findings: &[Finding],
    config: &Config,
    wanted: &Wanted<'_>,
) -> Option<CodeAction> {
    let has_any = findings.iter().flat_map(|one| &one.fixes).any(|fix| fix.safety == Safety::Safe);
    if !has_any || !wanted.allows(&FIX_ALL) {
        return None;
    }
    let title = "Apply every safe fix".to_owned();
    if wanted.resolves {
        let data = json!({ "resolve": "fixAll", "uri": document.uri(), "version": document.version() });
        return Some(CodeAction { title, kind: Some(FIX_ALL), data: Some(data), ..CodeAction::default() });
    }
    let edits = wanted.names(&FIX_ALL).then(|| fix_all(document, config))?;
    Some(action(document, title, FIX_ALL, &edits))
}

/// Returns the edit that applies every safe fix: what differs between the text before and after.
pub(crate) fn fix_all(document: &Document, config: &Config) -> Vec<Edit> {
    let before = document.text();
    let fixed = apply(before.as_bytes(), config, Safety::Safe);
    let Ok(after) = String::from_utf8(fixed.text) else { return Vec::new() };
    difference(before, &after).into_iter().collect()
}

/// Returns the lines that differ between two texts as one edit.
fn difference(before: &str, after: &str) -> Option<Edit> {
    if before == after {
        return None;
    }
    let same = |(left, right): &(&str, &str)| left == right;
    let front: usize = lines(before).zip(lines(after)).take_while(same).map(|(line, _)| line.len()).sum();
    let (left, right) = (&before[front..], &after[front..]);
    let back = lines(left).rev().zip(lines(right).rev()).take_while(same);
    let back: usize = back.map(|(line, _)| line.len()).sum();
    let span = crate::cursor::span(front, before.len() - back);
    Some(Edit { span, text: right[..right.len() - back].to_owned() })
}

fn lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split_inclusive('\n')
}

/// Returns an action with its edit.
pub(crate) fn action(document: &Document, title: String, kind: CodeActionKind, edits: &[Edit]) -> CodeAction {
    CodeAction { title, kind: Some(kind), edit: Some(edit(document, edits)), ..CodeAction::default() }
}

/// Returns edits of a document in the protocol's form.
pub(crate) fn edit(document: &Document, edits: &[Edit]) -> WorkspaceEdit {
    let edits: Vec<TextEdit> =
        edits.iter().map(|one| TextEdit::new(document.range(one.span), one.text.clone())).collect();
    let changes = HashMap::from([(document.uri().clone(), edits)]);
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

#[cfg(test)]
mod tests;
