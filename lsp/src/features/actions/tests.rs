//! Tests of actions, with the place of the cursor marked in the text.

use std::sync::Arc;

use super::*;
use crate::positions::Encoding;

fn document(text: &str) -> Document {
    Document::new("file:///tmp/Dockerfile".parse().unwrap(), 1, text.to_owned(), Encoding::Utf16)
}

fn offered(text: &str, span: Span, only: Option<&[CodeActionKind]>) -> Vec<(CodeAction, String)> {
    let document = document(text);
    let config = Arc::new(Config::default());
    let findings = document.findings(&config);
    let found = actions(&document, &findings, &config, &Wanted { span, only, resolves: false });
    found
        .into_iter()
        .map(|one| {
            let after = applied(&document, &one);
            (one, after)
        })
        .collect()
}

fn applied(document: &Document, action: &CodeAction) -> String {
    let mut edits: Vec<TextEdit> = action.edit.clone().unwrap().changes.unwrap().into_values().flatten().collect();
    edits.sort_by_key(|edit| edit.range.start);
    let mut text = document.text().to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(document.span(edit.range).range(), &edit.new_text);
    }
    text
}

fn whole(text: &str) -> Span {
    Span::new(0, text.len() as u32)
}

#[test]
fn every_fix_of_a_finding_is_a_quick_fix_that_removes_it() {
    let text = "FROM debian:12 as x\nMAINTAINER me\n";
    let config = Arc::new(Config::default());
    let count = |text: &str, code: &str| document(text).findings(&config).iter().filter(|one| one.code == code).count();
    let fixes: Vec<_> = offered(text, whole(text), Some(&[CodeActionKind::QUICKFIX]));
    let fixes: Vec<_> = fixes.into_iter().filter(|(one, _)| !one.title.starts_with("Silence")).collect();
    assert!(fixes.iter().any(|(one, _)| one.is_preferred == Some(true)), "{fixes:?}");
    for (action, after) in fixes {
        let Some(code) = action.diagnostics.unwrap()[0].code.clone() else { panic!("a finding has a code") };
        let tower_lsp_server::ls_types::NumberOrString::String(code) = code else { panic!("{code:?}") };
        assert!(count(&after, &code) < count(text, &code), "{code}: {after}");
    }
}

#[test]
fn silencing_silences() {
    for text in ["FROM debian\n  RUN sudo a\n", "FROM debian\r\nRUN sudo a\r\n", "\u{feff}FROM debian\nRUN sudo a\n"] {
        let at = text.find("sudo").unwrap() as u32;
        let config = Arc::new(Config::default());
        let silences: Vec<_> = offered(text, Span::new(at, at), Some(&[CodeActionKind::QUICKFIX]));
        let silences: Vec<_> = silences
            .into_iter()
            .filter(|(one, _)| one.title.starts_with("Silence sudo") || one.title.starts_with("Silence DL3004"))
            .collect();
        assert_eq!(silences.len(), 2, "{text:?}");
        for (_, after) in silences {
            assert!(document(&after).findings(&config).iter().all(|one| one.code != "sudo"), "{after:?}");
            assert_eq!(after.contains("\r\n"), text.contains("\r\n"));
            assert!(!after.replace("\r\n", "").contains('\r') && after.matches('\u{feff}').count() <= 1);
        }
    }
}

#[test]
fn a_second_name_joins_the_comment() {
    let text = "FROM debian:12\n# hadolint ignore=DL3008 # reason\nRUN sudo a\n";
    let at = text.find("sudo").unwrap() as u32;
    let found = offered(text, Span::new(at, at), None);
    let (_, after) = found.into_iter().find(|(one, _)| one.title.starts_with("Silence DL3004")).unwrap();
    assert!(after.contains("# hadolint ignore=DL3008,DL3004 # reason\nRUN"), "{after}");
}

#[test]
fn only_what_is_asked_for_is_offered() {
    let text = "FROM debian:12 as x\nRUN a && b\n";
    let kinds = |only: &[CodeActionKind]| {
        let found = offered(text, whole(text), Some(only));
        found.into_iter().filter_map(|(one, _)| one.kind).collect::<Vec<_>>()
    };
    assert!(kinds(&[CodeActionKind::REFACTOR]).iter().all(|kind| kind.as_str().starts_with("refactor.")));
    assert_eq!(kinds(&[CodeActionKind::SOURCE_FIX_ALL]), [FIX_ALL]);
    assert_eq!(kinds(&[CodeActionKind::new("sourc")]), []);
}

#[test]
fn fixing_all_changes_only_the_lines_that_differ() {
    let text = "FROM debian:12\nRUN a\nFROM debian:13 as x\nRUN b\n";
    let edits = fix_all(&document(text), &Config::default());
    assert_eq!(edits.len(), 1);
    assert_eq!(&text[edits[0].span.range()], "FROM debian:13 as x\n");
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(difference("a\na\n", "a\n"), Some(Edit { span: Span::new(2, 4), text: String::new() }));
}

#[test]
fn a_base_is_pinned_behind_its_tag() {
    let pinned = |text: &str| pin(&document(text), Span::new(6, 6)).map(|pin| pin.edit("sha256:ab"));
    assert_eq!(pinned("FROM debian:12 AS x\n"), Some(Edit { span: Span::new(14, 14), text: "@sha256:ab".to_owned() }));
    for text in ["FROM scratch\n", "FROM a@sha256:cd\n", "ARG A\nFROM $A\n", "RUN a\n"] {
        assert_eq!(pinned(text), None, "{text}");
    }
}
