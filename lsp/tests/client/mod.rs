//! A scripted editor: speaks the protocol with a server in this process, over a pair of sockets.

#![allow(dead_code, reason = "each test uses the part that it needs")]

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use containr_lsp::{End, Ports, serve};
use serde_json::{Value, json};

/// The name of the document that most scripts open.
pub(crate) const URI: &str = "file:///project/Dockerfile";

/// Is an editor with a server of its own.
pub(crate) struct Editor {
    /// What was received; it is read as it comes, so that neither side ever waits for the other to listen.
    input: Receiver<Value>,
    output: UnixStream,
    server: Option<JoinHandle<End>>,
    next: i64,
    told: VecDeque<Value>,
    /// The requests of the server that were answered.
    pub(crate) asked: Vec<Value>,
    /// What the editor answers to `workspace/configuration`.
    pub(crate) configuration: Value,
}

impl Editor {
    /// Starts a server without greeting it.
    pub(crate) fn connect(ports: Ports) -> Self {
        let (near, far) = UnixStream::pair().unwrap();
        let server = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
            runtime.block_on(async {
                far.set_nonblocking(true).unwrap();
                let (input, output) = tokio::net::UnixStream::from_std(far).unwrap().into_split();
                serve(input, output, ports).await
            })
        });
        let (received, input) = channel();
        let mut stream = BufReader::new(near.try_clone().unwrap());
        std::thread::spawn(move || {
            while let Some(message) = receive(&mut stream) {
                if received.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            input,
            output: near,
            server: Some(server),
            next: 0,
            told: VecDeque::new(),
            asked: Vec::new(),
            configuration: Value::Null,
        }
    }

    /// Starts a server and greets it with capabilities.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better with json! in place")]
    pub(crate) fn start(ports: Ports, capabilities: Value) -> Self {
        let mut editor = Self::connect(ports);
        editor.ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        editor.tell("initialized", json!({}));
        editor
    }

    /// Starts a server for an editor that says nothing of itself, and opens a text.
    pub(crate) fn with_text(text: &str) -> Self {
        let mut editor = Self::start(Ports::default(), json!({}));
        editor.open(URI, text);
        editor
    }

    /// Opens a document as version 1.
    pub(crate) fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "dockerfile", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Changes a document; each change is a range and its text, or a text alone.
    pub(crate) fn change(&mut self, version: i64, changes: &Value) {
        let document = json!({ "uri": URI, "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Sends a notification.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better with json! in place")]
    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and returns its number.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better with json! in place")]
    pub(crate) fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }));
        self.next
    }

    /// Sends a request and returns the whole answer.
    pub(crate) fn answer(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.wait(id)
    }

    /// Sends a request and returns its result.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks about a place of the usual document.
    pub(crate) fn at(&mut self, method: &str, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": { "uri": URI }, "position": position }))
    }

    /// Asks about the whole of the usual document.
    pub(crate) fn of(&mut self, method: &str) -> Value {
        self.ask(method, json!({ "textDocument": { "uri": URI } }))
    }

    /// Waits for the answer to a request.
    pub(crate) fn wait(&mut self, id: i64) -> Value {
        loop {
            let message = self.input.recv().expect("the server answers");
            if message.get("method").is_none() && message["id"] == id {
                return message;
            }
            self.note(message);
        }
    }

    /// Waits for a notification.
    pub(crate) fn hear(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let fits = |one: &Value| one["method"] == method && wanted(&one["params"]);
            if let Some(index) = self.told.iter().position(fits) {
                return self.told.remove(index).expect("the index was found")["params"].clone();
            }
            let message = self.input.recv().expect("the server goes on");
            self.note(message);
        }
    }

    /// Waits for the diagnostics of a version of the usual document.
    pub(crate) fn diagnostics(&mut self, version: i64) -> Value {
        let wanted = |params: &Value| params["uri"] == URI && params["version"] == version;
        self.hear("textDocument/publishDiagnostics", wanted)["diagnostics"].clone()
    }

    /// Leaves as the protocol wants and returns what the server says of it.
    pub(crate) fn leave(mut self) -> End {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.server.take().expect("there is one").join().unwrap()
    }

    /// Hangs up.
    pub(crate) fn hang_up(mut self) -> End {
        self.output.shutdown(std::net::Shutdown::Both).unwrap();
        self.server.take().expect("there is one").join().unwrap()
    }

    /// Sends bytes as they are.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        self.output.write_all(bytes).unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    /// Keeps a notification, answers a request.
    fn note(&mut self, message: Value) {
        if message.get("id").is_none() {
            self.told.push_back(message);
            return;
        }
        let result = match message["method"].as_str() {
            Some("workspace/configuration") => json!([self.configuration]),
            Some(_) => Value::Null,
            None => return,
        };
        self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
        self.asked.push(message);
    }
}

/// Returns a range of the protocol.
pub(crate) fn range(from: (u32, u32), to: (u32, u32)) -> Value {
    let position = |(line, character): (u32, u32)| json!({ "line": line, "character": character });
    json!({ "start": position(from), "end": position(to) })
}

/// Reads the next message.
fn receive(stream: &mut BufReader<UnixStream>) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().expect("a length is a number"),
            None if line == "\r\n" => break,
            None => {}
        }
    }
    let mut text = vec![0; length];
    stream.read_exact(&mut text).ok()?;
    Some(serde_json::from_slice(&text).expect("the server writes JSON"))
}
