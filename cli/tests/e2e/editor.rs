//! What an editor is told of images and earlier builds.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::place::Place;

/// Is a session of the language server on its standard streams.
struct Session {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Session {
    fn start(place: &Place) -> Self {
        let mut command = place.command(&["lsp"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut session = Self { child, input, output, next: 0 };
        session.ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": {} }));
        session.tell("initialized", json!({}));
        session
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    #[expect(clippy::needless_pass_by_value, reason = "calls read better with json! in place")]
    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    #[expect(clippy::needless_pass_by_value, reason = "calls read better with json! in place")]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{message}");
                return message["result"].clone();
            }
        }
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the server goes on");
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Returns the hints of a document by line.
    fn hints(&mut self, uri: &str) -> Vec<(u64, String)> {
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let found = self.ask("textDocument/inlayHint", json!({ "textDocument": { "uri": uri }, "range": range }));
        let hint = |one: &Value| (one["position"]["line"].as_u64().unwrap(), one["label"].as_str().unwrap().to_owned());
        found.as_array().unwrap().iter().map(hint).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn hints_tell_what_the_last_build_left() {
    let Some(place) = Place::new() else { return };
    let text = "FROM base\nRUN echo 1234 > /a\nCOPY c.txt /c\nRUN echo done\n";
    place.file("c.txt", "first");
    let uri = format!("file://{}", place.arg("ctx/Dockerfile"));
    let mut session = Session::start(&place);
    let open = |session: &mut Session, text: &str, version: u32| {
        let document = json!({ "uri": uri, "languageId": "dockerfile", "version": version, "text": text });
        session.tell("textDocument/didOpen", json!({ "textDocument": document }));
    };
    open(&mut session, text, 1);
    let before = session.hints(&uri);
    assert!(before.iter().all(|(_, label)| !label.contains("ms")), "nothing was built yet: {before:?}");
    // The first build does not trust the times of files that are this young; the second remembers the context.
    place.build(text, &[]).ok();
    place.build(text, &[]).ok();
    // Another text, so that the answer from before does not serve.
    let same = format!("{text}# one\n");
    open(&mut session, &same, 2);
    let built = session.hints(&uri);
    let lines: Vec<u64> = built.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 2, 3], "{built:?}");
    assert!(built.iter().all(|(_, label)| label.starts_with("cached \u{b7} ")), "{built:?}");
    assert!(built[0].1.contains("5 B"), "{built:?}");
    place.file("c.txt", "second");
    open(&mut session, &format!("{text}# two\n"), 3);
    let changed: Vec<String> = session.hints(&uri).into_iter().map(|(_, label)| label).collect();
    assert!(changed[0].starts_with("cached \u{b7} "), "{changed:?}");
    assert!(changed[1].starts_with("not cached \u{b7} "), "{changed:?}");
    assert!(!changed[2].contains("cached"), "what comes after is open: {changed:?}");
    let hover = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 6 } });
    let hover = session.ask("textDocument/hover", hover);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("in 1 layer"), "{hover}");
}

#[test]
fn an_editor_makes_no_state() {
    let Some(place) = Place::bare() else { return };
    let mut session = Session::start(&place);
    let uri = format!("file://{}", place.arg("ctx/Dockerfile"));
    let document = json!({ "uri": uri, "languageId": "dockerfile", "version": 1, "text": "FROM base\nCOPY " });
    session.tell("textDocument/didOpen", json!({ "textDocument": document }));
    assert_eq!(session.hints(&uri), []);
    place.file("data.txt", "");
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 1, "character": 5 } });
    let found = session.ask("textDocument/completion", at);
    let labels: Vec<&str> = found["items"].as_array().unwrap().iter().filter_map(|one| one["label"].as_str()).collect();
    assert!(labels.contains(&"data.txt"), "{labels:?}");
    assert!(!place.path("state").exists());
}
