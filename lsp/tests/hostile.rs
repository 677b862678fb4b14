//! Clients that send rubbish: nothing panics, nothing is lost that others sent, nothing grows with what is announced.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod client;

use client::{Editor, URI};
use containr_lsp::{End, Ports};
use serde_json::{Value, json};

const TEXT: &str = "ARG V\nFROM a:$V AS b\nRUN <<E\necho $V\nE\nCOPY --from=b /x /y\n";

const METHODS: [&str; 26] = [
    "callHierarchy/incomingCalls",
    "callHierarchy/outgoingCalls",
    "codeAction/resolve",
    "completionItem/resolve",
    "documentLink/resolve",
    "textDocument/codeAction",
    "textDocument/codeLens",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/diagnostic",
    "textDocument/documentHighlight",
    "textDocument/documentLink",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/formatting",
    "textDocument/hover",
    "textDocument/inlayHint",
    "textDocument/onTypeFormatting",
    "textDocument/prepareCallHierarchy",
    "textDocument/prepareRename",
    "textDocument/rangeFormatting",
    "textDocument/references",
    "textDocument/rename",
    "textDocument/selectionRange",
    "textDocument/semanticTokens/full/delta",
    "workspace/diagnostic",
];

/// Asserts that the server goes on as if nothing had been.
fn goes_on(editor: &mut Editor, after: &str) {
    assert_eq!(editor.of("textDocument/foldingRange")[0]["startLine"], 1, "{after}");
}

#[test]
fn every_question_in_every_odd_form() {
    let mut editor = Editor::with_text(TEXT);
    let place = |line: i64, character: i64| json!({ "line": line, "character": character });
    let far = place(i64::from(u32::MAX), i64::from(u32::MAX));
    let range = |from: &Value, to: &Value| json!({ "start": from, "end": to });
    let odd = [
        json!(null),
        json!([]),
        json!([1, "a"]),
        json!({}),
        json!({ "textDocument": 7, "position": [] }),
        json!({ "textDocument": { "uri": "not a name" }, "position": place(0, 0) }),
        json!({ "textDocument": { "uri": URI }, "position": place(-1, -1) }),
        json!({ "textDocument": { "uri": "file:///unheard/of" }, "position": place(0, 0), "range": range(&far, &far) }),
        json!({
            "textDocument": { "uri": URI }, "position": far, "positions": [far, place(0, 0)], "newName": "\u{0}",
            "range": range(&far, &place(0, 0)), "ch": "\n", "options": { "tabSize": 0, "insertSpaces": false },
            "context": { "includeDeclaration": true, "diagnostics": [] }, "previousResultId": "9".repeat(1000),
            "previousResultIds": [{ "uri": URI, "value": "" }], "item": { "data": far }, "data": [far], "label": "",
        }),
    ];
    for method in METHODS {
        for params in &odd {
            let answer = editor.answer(method, params.clone());
            assert!(answer.get("result").is_some() != answer.get("error").is_some(), "{method} {params}: {answer}");
        }
        goes_on(&mut editor, method);
    }
    assert_eq!(editor.leave(), End::Clean);
}

#[test]
fn texts_that_are_no_messages() {
    let mut editor = Editor::with_text(TEXT);
    let deep = "[".repeat(100_000);
    let wide = format!("{{\"jsonrpc\":\"2.0\",\"method\":\"{}\"}}", "m".repeat(100_000));
    let nested = format!("{{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let half = r#"{"jsonrpc":"2.0","method":"m","params":{"text":"\ud800"}}"#;
    let short = ["", "{", "null", "\u{0}", "[{}]", r#"{"jsonrpc":"2.0"}"#, r#"{"jsonrpc":"2.0","id":{}}"#, half];
    let odd = short.into_iter().chain([deep.as_str(), &wide, &nested]);
    for text in odd {
        editor.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }
    editor.send_raw(b"Content-Length: 3\r\n\r\n\xff\xfe\xfd");
    goes_on(&mut editor, "no messages");
    assert_eq!(editor.leave(), End::Clean);
}

#[test]
fn headers_that_announce_what_never_comes() {
    for header in [
        "Content-Length: 200000000\r\n\r\n{",
        "Content-Length: 99999999999999999999999\r\n\r\n{",
        "Content-Length: -1\r\n\r\n{}",
        "Content-Length: 1e3\r\n\r\n{}",
        "\r\n\r\n\r\n",
        "Content-Length",
    ] {
        let mut editor = Editor::with_text(TEXT);
        goes_on(&mut editor, "nothing yet");
        editor.send_raw(header.as_bytes());
        assert_eq!(editor.hang_up(), End::Abrupt, "{header:?}");
    }
}

#[test]
fn a_message_cut_anywhere_ends_the_conversation_quietly() {
    let body = json!({ "jsonrpc": "2.0", "id": 9, "method": "shutdown" }).to_string();
    let message = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    for end in 0..message.len() {
        let mut editor = Editor::with_text(TEXT);
        editor.send_raw(&message.as_bytes()[..end]);
        assert_eq!(editor.hang_up(), End::Abrupt, "{end}");
    }
}

/// The bytes that noise is made of.
const NOISE: &[u8] = b"Content-Length: 12\r\n\r\n{}[]\"\\\xff\x00";

#[test]
fn noise_between_messages() {
    let mut state = 3_u64;
    for round in 0..200 {
        let mut editor = Editor::start(Ports::default(), json!({}));
        let noise: Vec<u8> = (0..300)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                NOISE[(state >> 33) as usize % NOISE.len()]
            })
            .collect();
        editor.send_raw(&noise);
        assert_eq!(editor.hang_up(), End::Abrupt, "{round}");
    }
}

#[test]
fn changes_that_make_no_sense() {
    let mut editor = Editor::with_text(TEXT);
    let far = json!({ "line": 4_294_967_295_u32, "character": 4_294_967_295_u32 });
    let start = json!({ "line": 0, "character": 0 });
    for (version, change) in [
        (5, json!([{ "range": { "start": far, "end": start }, "text": "" }])),
        (-3, json!([{ "range": { "start": far, "end": far }, "rangeLength": 4_294_967_295_u32, "text": TEXT }])),
        (5, json!([{ "text": "\u{0}" }, { "text": TEXT }])),
        (6, json!([{ "range": 7, "text": "x" }])),
        (7, json!("x")),
    ] {
        editor.change(version, &change);
    }
    goes_on(&mut editor, "changes");
    editor.open(URI, TEXT);
    editor.open(URI, TEXT);
    goes_on(&mut editor, "opened again");
    assert_eq!(editor.leave(), End::Clean);
}
