//! Storms of edits: however the text came to be, everything said of it is what is said of a text opened afresh.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod client;

use client::{Editor, URI};
use containr_lsp::ls_types::{Position, Range, TextDocumentContentChangeEvent};
use containr_lsp::{Document, Encoding, Ports};
use serde_json::{Value, json};

/// Gives numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }
}

const SEED: &str = "# syntax=docker/dockerfile:1\r\nARG V=1\r\nFROM debian:$V AS base\nENV A=$V \\\n  B=\"\u{e4}\u{1f433}\"\n\
                    RUN <<EOF\necho $A\nEOF\nCOPY --from=base /a /b\n";

/// Pieces of text that change what stands around them: line breaks of all kinds, quotes, wide characters.
const PIECES: [&str; 24] = [
    "",
    "a",
    "\n",
    "\r\n",
    "\r",
    "\\\n",
    "\u{e4}",
    "\u{1f433}",
    "\u{1f469}\u{200d}\u{1f680}",
    "\u{feff}",
    "FROM debian AS base\n",
    "COPY --from=base /x /y\n",
    "RUN <<EOF\n",
    "EOF\n",
    "ARG V\n",
    "${V:-$A}",
    "$V",
    "\"",
    "'",
    "# escape=`\n",
    "ONBUILD ",
    "--mount=type=bind,from=base,target=/m ",
    "[\"a\"]",
    "\u{0}\t",
];

/// Says where the columns of a text are counted in.
fn offsets(text: &str, encoding: Encoding) -> Vec<(usize, Position)> {
    let (mut line, mut column) = (0, 0);
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((index, char)) = chars.next() {
        found.push((index, Position::new(line, column)));
        let ends = char == '\n' || (char == '\r' && chars.peek().is_none_or(|(_, next)| *next != '\n'));
        if ends {
            (line, column) = (line + 1, 0);
        } else {
            column += match encoding {
                Encoding::Utf8 => char.len_utf8() as u32,
                Encoding::Utf16 => char.len_utf16() as u32,
                Encoding::Utf32 => 1,
            };
        }
    }
    found.push((text.len(), Position::new(line, column)));
    found
}

/// Returns the edit and the text after it, which is computed by other means than the server's.
fn edit(numbers: &mut Numbers, text: &str, encoding: Encoding) -> (Range, &'static str, String) {
    let places = offsets(text, encoding);
    // Between the two halves of a line break no position can point.
    let sound: Vec<_> = places.iter().filter(|(index, _)| !splits_break(text, *index)).collect();
    let one = numbers.below(sound.len());
    let farthest = if numbers.below(20) == 0 { sound.len() } else { 8 };
    let reach = numbers.below(farthest);
    let other = (one + reach).min(sound.len() - 1);
    let piece = if text.len() > 4000 { "" } else { PIECES[numbers.below(PIECES.len())] };
    let ((from, start), (to, end)) = (sound[one], sound[other]);
    (Range::new(*start, *end), piece, format!("{}{piece}{}", &text[..*from], &text[*to..]))
}

fn splits_break(text: &str, index: usize) -> bool {
    text.as_bytes().get(index) == Some(&b'\n') && index > 0 && text.as_bytes()[index - 1] == b'\r'
}

#[test]
fn ten_thousand_edits_give_the_text_of_a_fresh_document() {
    for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
        let mut numbers = Numbers(7);
        let mut text = SEED.to_owned();
        let mut document = Document::new(URI.parse().unwrap(), 0, text.clone(), encoding);
        for version in 1..=10_000 {
            let mut changes = Vec::new();
            for _ in 0..=numbers.below(3) {
                let (range, piece, next) = edit(&mut numbers, &text, encoding);
                let change =
                    TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: piece.to_owned() };
                changes.push(change);
                text = next;
            }
            document = document.changed(version, changes);
            assert_eq!(document.text(), text, "{encoding:?}, version {version}");
        }
    }
}

#[test]
fn a_storm_over_the_wire_leaves_the_diagnostics_of_a_fresh_open() {
    let mut numbers = Numbers(11);
    let capabilities = json!({ "general": { "positionEncodings": ["utf-8"] } });
    let mut editor = Editor::start(Ports::default(), capabilities.clone());
    let mut text = SEED.to_owned();
    editor.open(URI, &text);
    for version in 2..=10_000 {
        let (range, piece, next) = edit(&mut numbers, &text, Encoding::Utf8);
        editor.change(version, &json!([{ "range": range, "text": piece }]));
        text = next;
        if version % 500 == 0 {
            let mut fresh = Editor::start(Ports::default(), capabilities.clone());
            fresh.open(URI, &text);
            assert_eq!(editor.diagnostics(version), fresh.diagnostics(1), "version {version}: {text:?}");
            for method in ["semanticTokens/full", "documentSymbol", "foldingRange", "documentLink"] {
                let method = format!("textDocument/{method}");
                let mut own = editor.of(&method);
                let mut other = fresh.of(&method);
                for answer in [&mut own, &mut other] {
                    answer.as_object_mut().map(|answer| answer.remove("resultId"));
                }
                assert_eq!(own, other, "{method}, version {version}");
            }
        }
    }
}

#[test]
fn a_request_sees_the_changes_before_it_and_none_after_it() {
    let mut editor = Editor::with_text("FROM a\n");
    let symbols = json!({ "textDocument": { "uri": URI } });
    let mut asked = Vec::new();
    for version in 2..200 {
        let text = "FROM a\n".repeat(usize::try_from(version).unwrap());
        editor.change(version, &json!([{ "text": text }]));
        asked.push((version, editor.begin("textDocument/documentSymbol", symbols.clone())));
    }
    for (version, id) in asked {
        let answer = editor.wait(id);
        assert_eq!(answer["result"].as_array().unwrap().len(), usize::try_from(version).unwrap());
    }
}

#[test]
fn hostile_positions_are_taken_as_the_nearest_sound_ones() {
    let mut editor = Editor::with_text("FROM a\u{1f433}\n");
    let far = json!({ "line": 4_294_967_295_u32, "character": 4_294_967_295_u32 });
    let backwards = json!({ "start": far, "end": { "line": 0, "character": 7 } });
    editor.change(2, &json!([{ "range": backwards, "text": "!" }]));
    let inside = json!({ "start": { "line": 0, "character": 7 }, "end": { "line": 0, "character": 7 } });
    editor.change(3, &json!([{ "range": inside, "text": "?" }]));
    let links = editor.of("textDocument/documentSymbol");
    assert_eq!(links[0]["name"], "a!?");
    let methods = ["definition", "documentHighlight", "prepareRename", "prepareCallHierarchy"];
    for method in methods {
        let params = json!({ "textDocument": { "uri": URI }, "position": far });
        assert!(editor.answer(&format!("textDocument/{method}"), params)["error"].is_null());
    }
    let unknown = json!({ "textDocument": { "uri": "untitled:1" } });
    assert_eq!(editor.ask("textDocument/foldingRange", unknown), Value::Null);
}
