//! Asks for help with writing as an editor does: completion, hover, signatures, actions, hints and lenses.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod client;

use std::path::Path;
use std::sync::Arc;

use client::{Editor, URI, range};
use containr_lsp::Ports;
use containr_lsp::ports::{
    Answer, BuildFacts, CacheState, Context, Entry, EntryKind, Image, ImageFacts, Reach, StepFact,
};
use serde_json::{Value, json};

/// Knows two images, three files and one step.
struct World;

impl ImageFacts for World {
    fn image<'a>(&'a self, reference: &'a str, platform: Option<&'a str>) -> Answer<'a, Option<Image>> {
        let known = reference == "debian:12" && platform.is_none_or(|platform| platform == "linux/arm64");
        let image =
            Image { digest: Some(digest()), size: Some(117_000_000), user: Some("app".into()), ..Image::default() };
        Box::pin(async move { known.then_some(image) })
    }

    fn names<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<String>> {
        Box::pin(async { vec!["busybox:1".to_owned(), "debian:12".to_owned()] })
    }

    fn tags<'a>(&'a self, repository: &'a str, reach: Reach) -> Answer<'a, Vec<String>> {
        let tags = match (repository, reach) {
            ("debian", Reach::Local) => vec!["12".to_owned()],
            ("debian", Reach::Registry) => vec!["12".to_owned(), "13".to_owned()],
            _ => Vec::new(),
        };
        Box::pin(async { tags })
    }

    fn digest<'a>(&'a self, reference: &'a str, _: Reach) -> Answer<'a, Option<String>> {
        Box::pin(async move { (reference == "debian:12").then(digest) })
    }
}

impl Context for World {
    fn list<'a>(&'a self, _: &'a Path, directory: &'a str) -> Answer<'a, Vec<Entry>> {
        let entry = |name: &str, kind| Entry { name: name.to_owned(), kind };
        let found = match directory {
            "" => vec![entry("go.mod", EntryKind::File), entry("src", EntryKind::Directory)],
            "src" => vec![entry("main.go", EntryKind::File), entry("with blank", EntryKind::File)],
            _ => Vec::new(),
        };
        Box::pin(async { found })
    }
}

impl BuildFacts for World {
    fn steps<'a>(&'a self, _: &'a Path, text: &'a str) -> Answer<'a, Vec<StepFact>> {
        let start = text.find("RUN").map(|at| u32::try_from(at).unwrap());
        let fact = |start| StepFact { start, cached: CacheState::Hit, bytes: Some(4_100), duration_ms: Some(250) };
        Box::pin(async move { start.map(fact).into_iter().collect() })
    }
}

fn digest() -> String {
    format!("sha256:{}", "0123456789abcdef".repeat(4))
}

fn world() -> Ports {
    let world = Arc::new(World);
    Ports { context: Some(world.clone()), images: Some(world.clone()), builds: Some(world), ..Ports::default() }
}

fn editor(text: &str, capabilities: Value) -> Editor {
    let mut editor = Editor::start(world(), capabilities);
    editor.open(URI, text);
    editor
}

/// Completes at the `|` of a text.
fn completed(marked: &str, capabilities: Value) -> Vec<Value> {
    let before = &marked[..marked.find('|').unwrap()];
    let line = u32::try_from(before.matches('\n').count()).unwrap();
    let character = u32::try_from(before.rsplit('\n').next().unwrap().len()).unwrap();
    let mut editor = editor(&marked.replacen('|', "", 1), capabilities);
    editor.at("textDocument/completion", line, character)["items"].as_array().unwrap().clone()
}

fn labels(marked: &str) -> Vec<String> {
    completed(marked, json!({})).iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn completion_knows_the_context() {
    assert_eq!(labels("FROM a\nCOPY g|"), ["go.mod"]);
    assert_eq!(labels("FROM a\nCOPY src/|"), ["main.go"]);
    assert_eq!(labels("FROM a\nRUN --mount=type=bind,source=s|"), ["src/"]);
    assert_eq!(labels("FROM a AS b\nFROM c\nCOPY --from=b g|"), Vec::<String>::new());
}

#[test]
fn completion_knows_images_and_asks_registries_where_it_may() {
    assert_eq!(labels("FROM deb|"), ["debian:12"]);
    assert_eq!(labels("FROM debian:1|"), ["12"]);
    assert_eq!(labels("FROM debian:12@|"), [digest()]);
    let mut editor = editor("FROM debian:1", json!({}));
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": { "registry": { "online": true } } }));
    let found = editor.at("textDocument/completion", 0, 13);
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
}

#[test]
fn completion_writes_snippets_for_those_who_read_them() {
    let snippets = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    let text = |capabilities| {
        let items = completed("FROM a\nSTOPS|", capabilities);
        let item = items.into_iter().find(|item| item["label"] == "STOPSIGNAL signal").unwrap();
        (item["textEdit"]["newText"].clone(), item["insertTextFormat"].clone())
    };
    assert_eq!(text(snippets), (json!("STOPSIGNAL ${1:SIGTERM}"), json!(2)));
    assert_eq!(text(json!({})), (json!("STOPSIGNAL SIGTERM"), Value::Null));
}

#[test]
fn completion_documents_what_is_chosen() {
    let mut editor = editor("FROM a\nWORK", json!({}));
    let found = editor.at("textDocument/completion", 1, 4);
    let item = found["items"][0].clone();
    assert!(item.get("documentation").is_none());
    let resolved = editor.ask("completionItem/resolve", item);
    assert!(resolved["documentation"]["value"].as_str().unwrap().contains("working directory"));
    let foreign = editor.ask("completionItem/resolve", json!({ "label": "x", "data": [1, 2] }));
    assert_eq!(foreign["label"], "x");
}

#[test]
fn hover_tells_what_is_known_of_an_image() {
    let mut editor = editor("FROM debian:12\n", json!({}));
    let found = editor.at("textDocument/hover", 0, 8);
    let text = found["contents"]["value"].as_str().unwrap();
    assert!(text.contains(&digest()) && text.contains("117 MB") && text.contains("`app`"), "{text}");
    assert_eq!(found["range"], range((0, 5), (0, 14)));
    assert_eq!(editor.at("textDocument/hover", 7, 0), Value::Null);
}

#[test]
fn hover_is_plain_for_those_who_want_it_plain() {
    let plain = json!({ "textDocument": { "hover": { "contentFormat": ["plaintext"] } } });
    let mut editor = editor("FROM a\nUSER b\n", plain);
    let found = editor.at("textDocument/hover", 1, 1);
    assert_eq!(found["contents"]["kind"], "plaintext");
    assert!(!found["contents"]["value"].as_str().unwrap().contains("```"));
}

#[test]
fn signatures_follow_the_cursor() {
    let mut editor = editor("FROM a\nCOPY b ", json!({}));
    let found = editor.at("textDocument/signatureHelp", 1, 7);
    assert_eq!(found["signatures"][0]["parameters"][2]["label"], "<destination>");
    assert_eq!(found["activeParameter"], 2);
}

#[test]
fn hints_and_lenses_tell_what_the_last_build_left() {
    let mut editor = editor("FROM debian:12 AS base\nRUN a\n", json!({}));
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let hints = editor.ask("textDocument/inlayHint", json!({ "textDocument": { "uri": URI }, "range": whole }));
    assert_eq!(hints[0]["label"], "@sha256:0123456789ab\u{2026}");
    assert_eq!(hints[1]["label"], "cached \u{b7} 4.1 kB \u{b7} 250 ms");
    let lenses = editor.of("textDocument/codeLens");
    assert_eq!(lenses[0]["command"]["command"], "containr.build");
    assert_eq!(lenses[1]["command"]["title"], "1 layer \u{b7} 4.1 kB \u{b7} 1 of 1 cached \u{b7} 250 ms");
    let off = json!({ "settings": { "inlayHints": { "enabled": false }, "codeLens": { "enabled": false } } });
    editor.tell("workspace/didChangeConfiguration", off);
    assert_eq!(editor.of("textDocument/codeLens"), Value::Null);
}

fn literals(resolve: bool) -> Value {
    let mut actions =
        json!({ "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } }, "dataSupport": true });
    if resolve {
        actions["resolveSupport"] = json!({ "properties": ["edit"] });
    }
    json!({ "textDocument": { "codeAction": actions } })
}

fn offered(editor: &mut Editor, context: Value) -> Vec<Value> {
    let mut context = context;
    context["diagnostics"] = json!([]);
    let params = json!({ "textDocument": { "uri": URI }, "range": range((0, 6), (0, 6)), "context": context });
    editor.ask("textDocument/codeAction", params).as_array().unwrap().clone()
}

fn titled(found: &[Value], title: &str) -> Value {
    found.iter().find(|one| one["title"] == title).cloned().unwrap_or_else(|| panic!("{title} among {found:?}"))
}

#[test]
fn actions_are_worked_out_when_they_are_chosen() {
    let mut editor = editor("FROM debian:12 as b\n", literals(true));
    let found = offered(&mut editor, json!({}));
    for title in ["Pin debian:12 to its digest", "Apply every safe fix"] {
        let action = titled(&found, title);
        assert!(action.get("edit").is_none(), "{title}");
        let chosen = editor.ask("codeAction/resolve", action.clone());
        assert_eq!(chosen["edit"]["changes"][URI].as_array().unwrap().len(), 1, "{title}");
        editor.change(2, &json!([{ "text": "FROM debian:12 as b\n" }]));
        let late = editor.ask("codeAction/resolve", action);
        assert!(late.get("edit").is_none(), "the document is another");
        editor.change(1, &json!([{ "text": "FROM debian:12 as b\n" }]));
    }
}

#[test]
fn actions_are_whole_for_those_who_cannot_wait() {
    let mut editor = editor("FROM debian:12 as b\n", literals(false));
    let found = offered(&mut editor, json!({}));
    let pin = titled(&found, "Pin debian:12 to its digest");
    assert_eq!(pin["edit"]["changes"][URI][0]["newText"], format!("@{}", digest()));
    assert!(found.iter().all(|one| one["title"] != "Apply every safe fix"));
    let found = offered(&mut editor, json!({ "only": ["source.fixAll"] }));
    assert_eq!(found.len(), 1);
    assert!(found[0]["edit"].is_object());
}

#[test]
fn actions_are_commands_for_those_who_know_no_others() {
    let old = json!({ "textDocument": { "codeAction": { "dynamicRegistration": false } } });
    let mut editor = editor("FROM debian:12 as b\n", old);
    let found = offered(&mut editor, json!({}));
    let pin = titled(&found, "Pin debian:12 to its digest");
    assert_eq!(pin["command"], "containr.applyEdit");
    let unknown = editor.answer("workspace/executeCommand", json!({ "command": "containr.nonsense" }));
    assert_eq!(unknown["error"]["code"], -32602);
}
