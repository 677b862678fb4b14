//! Asks every question of the protocol that the server answers.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod client;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use client::{Editor, URI, range};
use containr_lint::Config;
use containr_lsp::ports::Workspace;
use containr_lsp::{End, Ports};
use serde_json::{Value, json};

const TEXT: &str = "\
# syntax=docker/dockerfile:1
ARG VERSION=12
FROM debian:${VERSION} AS base
ARG VERSION
ENV APP=/srv/app
RUN echo $VERSION $HOME \\
    && mkdir -p \"$APP\"

# first
# second
FROM base AS build
COPY --from=base /etc/passwd /x
RUN --mount=type=bind,from=base,target=/m <<EOF
echo $APP
EOF

FROM scratch
COPY --from=build $APP /app
COPY --from=1 /y /y
ADD https://example.org/a.tar /a/
";

/// Returns the texts of ranges, each with its line.
fn places(text: &str, ranges: impl IntoIterator<Item = Value>) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    ranges
        .into_iter()
        .map(|range| {
            let (start, end) = (&range["start"], &range["end"]);
            let (line, from, to) = (number(&start["line"]), number(&start["character"]), number(&end["character"]));
            format!("{line}:{}", &lines[line][from..to])
        })
        .collect()
}

fn ranges_of(found: &Value) -> Vec<Value> {
    found.as_array().unwrap().iter().map(|one| one["range"].clone()).collect()
}

#[test]
fn pushed_diagnostics_have_code_page_and_range() {
    let mut editor = Editor::with_text("FROM debian:12\nMAINTAINER me\n");
    let found = editor.diagnostics(1);
    let one = found.as_array().unwrap().iter().find(|one| one["code"] == "maintainer-deprecated").unwrap();
    assert_eq!(one["range"]["start"], json!({ "line": 1, "character": 0 }));
    assert_eq!(one["source"], "containr");
    assert_eq!(one["tags"], json!([2]));
    assert!(one["codeDescription"]["href"].as_str().unwrap().ends_with("/maintainer-deprecated/"));
}

#[test]
fn diagnostics_follow_each_change_and_go_with_the_document() {
    let mut editor = Editor::with_text("FROM debian:12\n");
    editor.diagnostics(1);
    editor.change(2, &json!([{ "range": range((0, 0), (0, 4)), "text": "FORM" }]));
    let found = editor.diagnostics(2);
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(places("FORM debian:12\n", [found[0]["range"].clone()]), ["0:FORM"]);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    let gone = editor.hear("textDocument/publishDiagnostics", |params| params["version"].is_null());
    assert_eq!(gone["diagnostics"], json!([]));
}

#[test]
fn fetched_diagnostics_are_sent_once_for_a_text() {
    let mut editor = Editor::start(Ports::default(), json!({ "textDocument": { "diagnostic": {} } }));
    editor.open(URI, "FROM debian:12\nMAINTAINER me\n");
    let first = editor.of("textDocument/diagnostic");
    assert_eq!(first["kind"], "full");
    assert!(!first["items"].as_array().unwrap().is_empty());
    let again = json!({ "textDocument": { "uri": URI }, "previousResultId": first["resultId"] });
    assert_eq!(editor.ask("textDocument/diagnostic", again.clone())["kind"], "unchanged");
    editor.change(2, &json!([{ "text": "FROM debian:12\n" }]));
    assert_eq!(editor.ask("textDocument/diagnostic", again)["kind"], "full");
}

#[test]
fn definitions_of_stages_variables_and_heredocs() {
    let mut editor = Editor::with_text(TEXT);
    let mut definition = |line, character| {
        let found = editor.at("textDocument/definition", line, character);
        if found.is_null() { Vec::new() } else { places(TEXT, ranges_of(&found)) }
    };
    assert_eq!(definition(2, 15), ["1:VERSION"]);
    assert_eq!(definition(3, 6), ["1:VERSION"]);
    assert_eq!(definition(5, 12), ["3:VERSION"]);
    assert_eq!(definition(6, 20), ["4:APP"]);
    assert_eq!(definition(10, 6), ["2:base"]);
    assert_eq!(definition(12, 28), ["2:base"]);
    assert_eq!(definition(12, 45), ["14:EOF"]);
    assert_eq!(definition(14, 1), ["12:EOF"]);
    assert_eq!(definition(13, 7), ["4:APP"]);
    assert_eq!(definition(18, 12), ["10:build"]);
    assert_eq!(definition(5, 20), [""; 0], "HOME is the image's");
    assert_eq!(definition(7, 0), [""; 0]);
}

#[test]
fn references_with_and_without_the_definition() {
    let mut editor = Editor::with_text(TEXT);
    let mut references = |line: u32, character: u32, with: bool| {
        let position = json!({ "line": line, "character": character });
        let params = json!({
            "textDocument": { "uri": URI }, "position": position, "context": { "includeDeclaration": with },
        });
        places(TEXT, ranges_of(&editor.ask("textDocument/references", params)))
    };
    assert_eq!(references(2, 27, true), ["2:base", "10:base", "11:base", "12:base"]);
    assert_eq!(references(2, 27, false), ["10:base", "11:base", "12:base"]);
    assert_eq!(references(1, 5, true), ["1:VERSION", "2:VERSION", "3:VERSION", "5:VERSION"]);
    assert_eq!(references(4, 5, false), ["6:APP", "13:APP"], "the last stage has no APP");
}

#[test]
fn highlights_tell_reading_from_writing() {
    let mut editor = Editor::with_text(TEXT);
    let found = editor.at("textDocument/documentHighlight", 5, 12);
    assert_eq!(places(TEXT, ranges_of(&found)), ["1:VERSION", "2:VERSION", "3:VERSION", "5:VERSION"]);
    let kinds: Vec<_> = found.as_array().unwrap().iter().map(|one| one["kind"].as_u64().unwrap()).collect();
    assert_eq!(kinds, [3, 2, 3, 2]);
    let foreign = editor.at("textDocument/documentHighlight", 5, 20);
    assert_eq!(places(TEXT, ranges_of(&foreign)), ["5:HOME"]);
}

#[test]
fn rename_reaches_every_place_and_no_number() {
    let mut editor = Editor::with_text(TEXT);
    let rename = |line: u32, character: u32, name: &str| {
        let position = json!({ "line": line, "character": character });
        json!({ "textDocument": { "uri": URI }, "position": position, "newName": name })
    };
    let edits = editor.ask("textDocument/rename", rename(18, 12, "maker"));
    let edits = &edits["changes"][URI];
    assert_eq!(places(TEXT, ranges_of(edits)), ["10:build", "17:build"]);
    assert_eq!(edits[0]["newText"], "maker");
    let edits = editor.ask("textDocument/rename", rename(5, 12, "RELEASE"));
    let found = places(TEXT, ranges_of(&edits["changes"][URI]));
    assert_eq!(found, ["1:VERSION", "2:VERSION", "3:VERSION", "5:VERSION"]);
    let edits = editor.ask("textDocument/rename", rename(14, 1, "END"));
    assert_eq!(places(TEXT, ranges_of(&edits["changes"][URI])), ["12:EOF", "14:EOF"]);
    for (line, character, name) in [(18, 12, "base"), (18, 12, "a b"), (5, 12, "1X"), (5, 12, "APP"), (5, 20, "X")] {
        let answer = editor.answer("textDocument/rename", rename(line, character, name));
        assert_eq!(answer["error"]["code"], -32803, "{name}: {answer}");
    }
}

#[test]
fn prepare_rename_gives_the_name_or_nothing() {
    let mut editor = Editor::with_text(TEXT);
    let found = editor.at("textDocument/prepareRename", 2, 15);
    assert_eq!(found["placeholder"], "VERSION");
    assert_eq!(found["range"], range((2, 14), (2, 21)));
    assert!(editor.at("textDocument/prepareRename", 18, 12).is_null(), "a number is no name");
    assert!(editor.at("textDocument/prepareRename", 7, 0).is_null());
}

#[test]
fn symbols_are_a_tree_or_a_list() {
    let mut editor = Editor::with_text(TEXT);
    let flat = editor.of("textDocument/documentSymbol");
    assert!(flat.as_array().unwrap().iter().any(|one| one["name"] == "COPY" && one["containerName"] == "build"));
    editor.leave();
    let capabilities = json!({ "textDocument": { "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } } });
    let mut editor = Editor::start(Ports::default(), capabilities);
    editor.open(URI, TEXT);
    let tree = editor.of("textDocument/documentSymbol");
    let names: Vec<_> = tree.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["syntax", "ARG", "base", "build", "scratch"]);
    assert_eq!(tree[2]["detail"], "debian:${VERSION}");
    assert_eq!(tree[3]["children"].as_array().unwrap().len(), 2);
    editor.change(2, &json!([{ "text": "# escape=`\n# check=skip=all;error=true\n# syntax=a\n" }]));
    let tree = editor.of("textDocument/documentSymbol");
    let shown: Vec<_> = tree.as_array().unwrap().iter().map(|one| (&one["name"], &one["detail"])).collect();
    assert_eq!(
        format!("{shown:?}"),
        r#"[(String("escape"), String("`")), (String("check"), String("skip=all;error=true")), (String("syntax"), String("a"))]"#
    );
}

#[test]
fn folds_of_stages_instructions_heredocs_and_comments() {
    let mut editor = Editor::with_text(TEXT);
    let found = editor.of("textDocument/foldingRange");
    let folds: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["startLine"].as_u64().unwrap(), one["endLine"].as_u64().unwrap(), one["kind"].as_str()))
        .collect();
    let expected =
        [(2, 6, None), (5, 6, None), (8, 9, Some("comment")), (10, 14, None), (12, 14, None), (16, 19, None)];
    assert_eq!(folds, expected);
}

#[test]
fn selections_grow_from_word_to_file() {
    let mut editor = Editor::with_text(TEXT);
    let positions = json!([{ "line": 12, "character": 27 }]);
    let params = json!({ "textDocument": { "uri": URI }, "positions": positions });
    let found = editor.ask("textDocument/selectionRange", params);
    let mut sizes = Vec::new();
    let mut one = &found[0];
    while !one.is_null() {
        let (start, end) = (&one["range"]["start"], &one["range"]["end"]);
        let number = |value: &Value| value.as_u64().unwrap();
        let lines = (number(&start["line"]), number(&end["line"]));
        sizes.push((lines, number(&start["character"]), number(&end["character"])));
        one = &one["parent"];
    }
    assert_eq!(sizes.first().unwrap(), &((12, 12), 27, 31), "the stage's name");
    assert!(sizes.contains(&((12, 14), 0, 3)), "the instruction: {sizes:?}");
    assert!(sizes.contains(&((10, 14), 0, 3)), "the stage: {sizes:?}");
    assert_eq!(sizes.last().unwrap(), &((0, 20), 0, 0), "the file");
}

#[test]
fn links_to_images_urls_and_files() {
    let ports = Ports { workspace: Some(Arc::new(Project)), ..Ports::default() };
    let mut editor = Editor::start(ports, json!({}));
    let text = format!("{TEXT}COPY src/main.rs missing.rs /a/\n# see https://example.org/why.\n");
    editor.open(URI, &text);
    let found = editor.of("textDocument/documentLink");
    assert_eq!(
        places(&text, ranges_of(&found)),
        [
            "0:docker/dockerfile:1",
            "2:debian:${VERSION}",
            "19:https://example.org/a.tar",
            "20:src/main.rs",
            "21:https://example.org/why"
        ]
    );
    assert_eq!(found[3]["target"], "file:///project/src/main.rs");
    let image = editor.ask("documentLink/resolve", found[1].clone());
    assert_eq!(image["target"], "https://hub.docker.com/_/debian");
    let file = editor.at("textDocument/definition", 20, 8);
    assert_eq!(file[0]["uri"], "file:///project/src/main.rs");
}

#[test]
fn formatting_of_a_file_a_range_and_a_line_break() {
    let text = "from  debian:12\nrun   a\n\nuser  x\n";
    let mut editor = Editor::with_text(text);
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let whole = json!({ "textDocument": { "uri": URI }, "options": options });
    let edits = editor.ask("textDocument/formatting", whole);
    assert_eq!(edits[0]["range"]["start"], json!({ "line": 0, "character": 0 }));
    let part = json!({ "textDocument": { "uri": URI }, "options": options, "range": range((3, 0), (4, 0)) });
    let edits = editor.ask("textDocument/rangeFormatting", part);
    let lines: Vec<_> = ranges_of(&edits).iter().map(|range| range["end"]["line"].clone()).collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| *line == 3), "{edits}");
    editor.change(2, &json!([{ "text": "FROM debian:12\nRUN a \\\n" }]));
    let position = json!({ "line": 2, "character": 0 });
    let typed = json!({ "textDocument": { "uri": URI }, "options": options, "position": position, "ch": "\n" });
    let edits = editor.ask("textDocument/onTypeFormatting", typed);
    assert_eq!(edits[0]["newText"], "    ");
}

#[test]
fn a_duplicate_points_at_the_other_place() {
    let mut editor = Editor::with_text("FROM debian:12 AS a\nCMD a\nCMD b\nFROM debian:12 AS a\n");
    let found = editor.diagnostics(1);
    let related = |code: &str| {
        let one = found.as_array().unwrap().iter().find(|one| one["code"] == code).unwrap();
        one["relatedInformation"][0]["location"]["range"]["start"].clone()
    };
    assert_eq!(related("stage-name-duplicate"), json!({ "line": 0, "character": 18 }));
    assert_eq!(related("multiple-cmd"), json!({ "line": 2, "character": 0 }));
}

#[test]
fn semantic_tokens_whole_in_part_and_changed() {
    let mut editor = Editor::with_text(TEXT);
    let whole = editor.of("textDocument/semanticTokens/full");
    let data = whole["data"].as_array().unwrap().clone();
    assert_eq!(data.len() % 5, 0);
    let params = json!({ "textDocument": { "uri": URI }, "range": range((2, 0), (3, 0)) });
    let part = editor.ask("textDocument/semanticTokens/range", params);
    assert!(part["data"].as_array().unwrap().len() < data.len());
    editor.change(2, &json!([{ "range": range((19, 0), (19, 3)), "text": "COPY" }]));
    let params = json!({ "textDocument": { "uri": URI }, "previousResultId": whole["resultId"] });
    let delta = editor.ask("textDocument/semanticTokens/full/delta", params.clone());
    let edit = &delta["edits"][0];
    let (start, count) = (edit["start"].as_u64().unwrap(), edit["deleteCount"].as_u64().unwrap());
    let (start, count) = (usize::try_from(start).unwrap(), usize::try_from(count).unwrap());
    let mut changed = data;
    changed.splice(start..start + count, edit["data"].as_array().unwrap().clone());
    assert_eq!(Value::from(changed), editor.of("textDocument/semanticTokens/full")["data"]);
    let stale = editor.ask("textDocument/semanticTokens/full/delta", params);
    assert!(stale["data"].is_array(), "an old name gives the whole");
}

#[test]
fn the_stages_are_a_call_hierarchy() {
    let mut editor = Editor::with_text(TEXT);
    let item = editor.at("textDocument/prepareCallHierarchy", 10, 16)[0].clone();
    assert_eq!(item["name"], "build");
    let incoming = editor.ask("callHierarchy/incomingCalls", json!({ "item": item }));
    assert_eq!(incoming[0]["from"]["name"], "scratch");
    assert_eq!(places(TEXT, incoming[0]["fromRanges"].as_array().unwrap().clone()), ["17:build", "18:1"]);
    let outgoing = editor.ask("callHierarchy/outgoingCalls", json!({ "item": item }));
    assert_eq!(outgoing[0]["to"]["name"], "base");
    assert_eq!(outgoing[0]["fromRanges"].as_array().unwrap().len(), 3);
}

/// Is a workspace with one Dockerfile that is not open and one source.
struct Project;

impl Workspace for Project {
    fn dockerfiles(&self, folder: &Path) -> Vec<PathBuf> {
        vec![folder.join("Dockerfile"), folder.join("other.Dockerfile")]
    }

    fn read(&self, file: &Path) -> Option<String> {
        file.ends_with("other.Dockerfile").then(|| "FROM alpine AS tools\nMAINTAINER me\n".to_owned())
    }

    fn lint(&self, _file: &Path) -> Config {
        Config { ignored: ["DL3006".to_owned()].into(), ..Config::default() }
    }

    fn exists(&self, path: &Path) -> bool {
        path == Path::new("/project/src/main.rs")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with json! in place")]
fn project(capabilities: Value) -> Editor {
    let ports = Ports { workspace: Some(Arc::new(Project)), ..Ports::default() };
    let mut editor = Editor::connect(ports);
    let folders = json!([{ "uri": "file:///project", "name": "project" }]);
    editor.ask("initialize", json!({ "capabilities": capabilities, "workspaceFolders": folders }));
    editor.tell("initialized", json!({}));
    editor
}

#[test]
fn symbols_of_the_workspace() {
    let mut editor = project(json!({}));
    editor.open(URI, TEXT);
    let mut names = |query: &str| -> Vec<String> {
        let found = editor.ask("workspace/symbol", json!({ "query": query }));
        found.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(""), ["VERSION", "base", "build", "stage 2", "tools"]);
    assert_eq!(names("TLS"), ["tools"]);
}

#[test]
fn diagnostics_of_the_workspace() {
    let mut editor = project(json!({ "textDocument": { "diagnostic": {} } }));
    editor.open(URI, "FROM debian:12\n");
    let found = editor.ask("workspace/diagnostic", json!({ "previousResultIds": [] }));
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!((&items[0]["version"], &items[1]["version"]), (&json!(1), &Value::Null));
    assert_eq!(items[1]["uri"], "file:///project/other.Dockerfile");
    assert!(items[1]["items"].as_array().unwrap().iter().any(|one| one["code"] == "maintainer-deprecated"));
    let known = json!([{ "uri": items[1]["uri"], "value": items[1]["resultId"] }]);
    let again = editor.ask("workspace/diagnostic", json!({ "previousResultIds": known }));
    assert_eq!(again["items"][1]["kind"], "unchanged");
}

#[test]
fn settings_are_fetched_and_told() {
    let mut editor = Editor::with_text("FROM debian:12\nMAINTAINER me\n");
    assert!(!editor.diagnostics(1).as_array().unwrap().is_empty());
    let off = json!({ "containr": { "lint": { "enabled": false } } });
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": off }));
    assert_eq!(editor.diagnostics(1), json!([]));
    editor.leave();
    let mut editor = Editor::connect(Ports::default());
    editor.configuration = json!({ "lint": { "ignore": ["DL4000"] } });
    editor.ask("initialize", json!({ "capabilities": { "workspace": { "configuration": true } } }));
    editor.tell("initialized", json!({}));
    editor.open(URI, "FROM debian:12\nMAINTAINER me\n");
    let wanted = |params: &Value| {
        let found = params["diagnostics"].as_array().unwrap();
        found.iter().all(|one| one["code"] != "maintainer-deprecated")
    };
    editor.hear("textDocument/publishDiagnostics", wanted);
    assert_eq!(editor.asked[0]["method"], "workspace/configuration");
}

#[test]
fn watched_files_bring_new_diagnostics() {
    let watched = json!({ "didChangeWatchedFiles": { "dynamicRegistration": true } });
    let mut editor = project(json!({ "workspace": watched }));
    editor.open(URI, "FROM debian\n");
    let found = editor.diagnostics(1);
    assert!(found.as_array().unwrap().iter().all(|one| one["code"] != "base-without-tag"), "the project's settings");
    let change = json!({ "changes": [{ "uri": "file:///project/.hadolint.yaml", "type": 2 }] });
    editor.tell("workspace/didChangeWatchedFiles", change);
    editor.diagnostics(1);
    assert_eq!(editor.asked[0]["method"], "client/registerCapability");
    let added = json!([{ "uri": "file:///second", "name": "second" }]);
    editor.tell("workspace/didChangeWorkspaceFolders", json!({ "event": { "added": added, "removed": [] } }));
    let found = editor.ask("workspace/symbol", json!({ "query": "tools" }));
    assert_eq!(found.as_array().unwrap().len(), 2);
}

#[test]
fn leaving_politely_or_not() {
    assert_eq!(Editor::with_text(TEXT).leave(), End::Clean);
    assert_eq!(Editor::with_text(TEXT).hang_up(), End::Abrupt);
    let mut editor = Editor::connect(Ports::default());
    editor.tell("exit", Value::Null);
    assert_eq!(editor.hang_up(), End::Abrupt);
}
