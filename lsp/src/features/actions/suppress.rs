//! Comments above an instruction that silence a rule for it.

use containr_dockerfile::{Severity, Span};
use containr_lint::{Diagnostic as Finding, Edit, Origin, Peer};
use tower_lsp_server::ls_types::{CodeAction, CodeActionKind};

use super::action;
use crate::cursor::instruction_at;
use crate::documents::Document;
use crate::features::diagnostics::diagnostic;

/// What follows the names where a reason is still to be written.
const REASON: &str = "because ";

/// Returns the actions that silence a finding: in our own words with room for a reason, and in those of hadolint.
pub(super) fn actions(document: &Document, finding: &Finding) -> Vec<CodeAction> {
    // To silence what stops a build would help no one.
    let stops = |one: &containr_dockerfile::Diagnostic| {
        one.severity == Severity::Error && one.code.name() == finding.code && one.span == finding.span
    };
    if document.parsed().diagnostics().iter().any(stops) {
        return Vec::new();
    }
    let Some(instruction) = instruction_at(document.parsed(), finding.span.start as usize) else { return Vec::new() };
    let at = instruction.span.start;
    let mut found = Vec::new();
    let mut offer = |pragma: &str, name: &str, reason: &str| {
        let title = format!("Silence {name} for this instruction with `# {pragma} ignore`");
        let edits = [comment(document, at, pragma, name, reason)];
        let diagnostics = Some(vec![diagnostic(document, finding)]);
        found.push(CodeAction { diagnostics, ..action(document, title, CodeActionKind::QUICKFIX, &edits) });
    };
    offer("containr", finding.code, REASON);
    let alias = match finding.origin {
        Origin::Rule(rule) => rule.alias(Peer::Hadolint).map(|alias| alias.id),
        Origin::Shell(code) => Some(code.id),
    };
    if let Some(alias) = alias {
        offer("hadolint", alias, "");
    }
    found
}

/// Returns the edit that adds a name to the comment directly above an instruction, or a comment with it.
fn comment(document: &Document, at: u32, pragma: &str, name: &str, reason: &str) -> Edit {
    let text = document.text();
    let line = text[..at as usize].rfind('\n').map_or(0, |index| index + 1);
    let indent = &text[line..at as usize];
    let above = text[..line].trim_end_matches(['\r', '\n']);
    let above = &above[above.rfind('\n').map_or(0, |index| index + 1)..];
    let list = above.trim_start().strip_prefix('#').map(str::trim_start);
    let list = list.and_then(|rest| rest.strip_prefix(pragma)?.trim_start().strip_prefix("ignore="));
    if let Some(list) = list.filter(|list| !list.is_empty()) {
        let names = list.find([' ', '\t']).unwrap_or(list.len());
        let end = list.as_ptr() as usize - text.as_ptr() as usize + names;
        let end = end as u32;
        return Edit { span: Span::new(end, end), text: format!(",{name}") };
    }
    let eol = if text[..line].ends_with("\r\n") || text[at as usize..].contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if reason.is_empty() { "" } else { " " };
    // Behind the blanks of the line, so that a byte order mark stays the first.
    let comment = format!("# {pragma} ignore={name}{gap}{reason}{eol}{indent}", indent = blanks(indent));
    Edit { span: Span::new(at, at), text: comment }
}

fn blanks(indent: &str) -> &str {
    indent.trim_start_matches('\u{feff}')
}
