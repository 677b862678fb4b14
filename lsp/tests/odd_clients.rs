//! Clients that send what the protocol does not foresee: each is served as well as it can be.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod client;

use client::{Editor, URI};
use containr_lsp::{End, Ports};
use serde_json::{Value, json};

fn greeted(params: Value) -> Editor {
    let mut editor = Editor::connect(Ports::default());
    let answer = editor.answer("initialize", params);
    assert!(answer["error"].is_null(), "{answer}");
    assert!(answer["result"]["capabilities"]["textDocumentSync"].is_object());
    editor
}

#[test]
fn introductions_of_every_shape() {
    let shapes = [
        json!(null),
        json!({}),
        json!({ "capabilities": null }),
        json!({ "processId": "1", "rootUri": null, "rootPath": 7, "capabilities": {} }),
        json!({ "rootUri": "not a name", "capabilities": { "textDocument": { "semanticTokens": {} } } }),
        json!({ "capabilities": { "textDocument": { "semanticTokens": { "requests": { "full": {} } } } } }),
        json!({ "capabilities": { "textDocument": { "completion": { "completionItemKind": { "valueSet": [99] } } } } }),
        json!({ "capabilities": { "general": { "positionEncodings": ["utf-7"] } }, "workspaceFolders": null }),
        json!({ "capabilities": { "workspace": { "symbol": [] } }, "initializationOptions": [1, 2] }),
        json!({ "capabilities": {}, "trace": "everything", "clientInfo": { "version": "1" } }),
    ];
    for shape in shapes {
        let mut editor = greeted(shape.clone());
        editor.tell("initialized", Value::Null);
        editor.open(URI, "FROM scratch\n");
        assert_eq!(editor.of("textDocument/documentSymbol")[0]["name"], "scratch", "{shape}");
        assert_eq!(editor.leave(), End::Clean);
    }
}

#[test]
fn settings_in_the_introduction() {
    let options = json!({ "lint": { "enabled": false } });
    let mut editor = greeted(json!({ "capabilities": {}, "initializationOptions": options }));
    editor.open(URI, "nonsense\n");
    assert_eq!(editor.diagnostics(1), json!([]));
}

#[test]
fn unknown_messages_and_settings_are_passed_over() {
    let mut editor = Editor::with_text("FROM scratch\n");
    editor.tell("$/setTrace", json!({ "value": "verbose" }));
    editor.tell("window/unheardOf", json!([1]));
    editor.tell("textDocument/didChange", json!({ "nothing": "useful" }));
    editor.tell("workspace/didChangeConfiguration", json!({}));
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": 7 }));
    assert_eq!(editor.answer("textDocument/unheardOf", json!({}))["error"]["code"], -32601);
    assert_eq!(editor.answer("textDocument/definition", json!({ "odd": 1 }))["error"]["code"], -32602);
    assert_eq!(editor.of("textDocument/documentSymbol")[0]["name"], "scratch");
}

#[test]
fn a_message_that_is_no_json_costs_only_itself() {
    let mut editor = Editor::with_text("FROM scratch\n");
    editor.send_raw(b"Content-Length: 5\r\n\r\n{{{{{");
    assert_eq!(editor.of("textDocument/documentSymbol")[0]["name"], "scratch");
}

#[test]
fn questions_before_the_introduction_are_refused() {
    let mut editor = Editor::connect(Ports::default());
    let early = editor.answer("textDocument/documentSymbol", json!({ "textDocument": { "uri": URI } }));
    assert_eq!(early["error"]["code"], -32002);
    editor.ask("initialize", json!({ "capabilities": {} }));
    assert_eq!(editor.leave(), End::Clean);
}

#[test]
fn a_change_or_an_end_of_what_is_not_open() {
    let mut editor = Editor::with_text("FROM scratch\n");
    let other = json!({ "uri": "file:///other", "version": 3 });
    editor.tell("textDocument/didChange", json!({ "textDocument": other, "contentChanges": [{ "text": "x" }] }));
    editor.tell("textDocument/didClose", json!({ "textDocument": other }));
    editor.change(2, &json!([]));
    assert_eq!(editor.of("textDocument/documentSymbol")[0]["name"], "scratch");
}

#[test]
fn a_cancelled_question_has_an_answer() {
    let mut editor = Editor::with_text("FROM scratch\n");
    let id = editor.begin("workspace/diagnostic", json!({ "previousResultIds": [] }));
    editor.tell("$/cancelRequest", json!({ "id": id }));
    let answer = editor.wait(id);
    let code = answer["error"]["code"].as_i64();
    assert!(code.is_none_or(|code| code == -32800), "{answer}");
    assert_eq!(editor.leave(), End::Clean);
}
