//! Measures the server through the protocol, as an editor waits for it: twenty lines and 5,000.
//!
//! The path of a binary after `--` measures that as a process, with its start and its memory; without one the server
//! runs in a thread.

#![expect(clippy::print_stdout, reason = "a bench shows its figures")]
#![expect(clippy::unwrap_used, reason = "a bench fails by it")]

use std::io::{BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use containr_lsp::{Ports, serve};
use serde_json::{Value, json};

const ROUNDS: usize = 40;
const URI: &str = "file:///bench/Dockerfile";

/// Twenty lines as people write them.
const STAGE: &str = r#"FROM golang:1.24-bookworm AS builder
ARG VERSION=dev
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -mod=readonly"
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN apt-get update && apt-get install -y \
        curl \
        git \
    && rm -rf /var/lib/apt/lists/*
RUN curl -fsSL https://example.org/tool | tar -xz -C /usr/local/bin
RUN go build -ldflags "-X main.version=${VERSION}" -o /out/service ./cmd/service
FROM debian
COPY --from=builder /out/service /usr/local/bin/service
ENV LANG C.UTF-8
USER service
EXPOSE 8080/TCP
HEALTHCHECK CMD service health
ENTRYPOINT service --config /etc/service.toml
"#;

struct Editor {
    input: Box<dyn Read>,
    output: Box<dyn Write>,
    process: Option<Child>,
    start: Duration,
}

fn main() {
    let binary = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    for (name, repeats) in [("20 lines", 1), ("5,000 lines", 250)] {
        report(name, &STAGE.repeat(repeats), binary.as_deref());
    }
}

fn report(name: &str, text: &str, binary: Option<&str>) {
    let mut editor = match binary {
        Some(path) => process(path),
        None => thread(),
    };
    let show = |what: &str, time: Duration| println!("{name}: {what}: {:.3} ms", time.as_secs_f64() * 1e3);
    show("start to initialize", editor.start);
    let memory = |editor: &Editor, when: &str| {
        if let Some(kib) = editor.process.as_ref().and_then(resident) {
            println!("{name}: memory {when}: {:.1} MiB", kib as f64 / 1024.0);
        }
    };
    memory(&editor, "idle");
    let began = Instant::now();
    let document = json!({ "uri": URI, "languageId": "dockerfile", "version": 1, "text": text });
    editor.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } }));
    editor.until(|message| message["params"]["version"] == 1);
    show("open to diagnostics", began.elapsed());
    memory(&editor, "with the text open");
    show("change to diagnostics", editor.changes());
    show("semanticTokens/full", editor.times("textDocument/semanticTokens/full", &json!({})));
    show("semanticTokens/full/delta", editor.deltas());
    let middle = json!({ "position": { "line": text.lines().count() / 2 + 6, "character": 2 } });
    for method in ["completion", "hover", "documentSymbol", "foldingRange", "definition", "formatting", "codeLens"] {
        let params = match method {
            "formatting" => json!({ "options": { "tabSize": 4, "insertSpaces": true } }),
            _ => middle.clone(),
        };
        show(method, editor.times(&format!("textDocument/{method}"), &params));
    }
    memory(&editor, "at the end");
    editor.send(&json!({ "jsonrpc": "2.0", "id": 0, "method": "shutdown" }));
    editor.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    if let Some(mut process) = editor.process {
        process.wait().unwrap();
    }
}

fn thread() -> Editor {
    let (near, far) = UnixStream::pair().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            far.set_nonblocking(true).unwrap();
            let (input, output) = tokio::net::UnixStream::from_std(far).unwrap().into_split();
            serve(input, output, Ports::default()).await
        })
    });
    greeted(Box::new(BufReader::new(near.try_clone().unwrap())), Box::new(near), None, Instant::now())
}

fn process(path: &str) -> Editor {
    let began = Instant::now();
    let mut child = Command::new(path).arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (input, output) = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
    greeted(Box::new(BufReader::new(input)), Box::new(output), Some(child), began)
}

fn greeted(input: Box<dyn Read>, output: Box<dyn Write>, process: Option<Child>, began: Instant) -> Editor {
    let mut editor = Editor { input, output, process, start: Duration::ZERO };
    editor.ask("initialize", &json!({ "capabilities": { "general": { "positionEncodings": ["utf-16"] } } }));
    editor.start = began.elapsed();
    editor.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    editor
}

fn resident(process: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
}

impl Editor {
    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.output.write_all(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes()).unwrap();
        self.output.flush().unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        self.until(|message| message["id"] == 1)
    }

    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message: Value = serde_json::from_slice(&self.receive()).unwrap();
            if wanted(&message) {
                return message;
            }
        }
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut header = Vec::new();
        while !header.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.input.read_exact(&mut byte).unwrap();
            header.push(byte[0]);
        }
        let header = String::from_utf8(header).unwrap();
        let length = header.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let mut text = vec![0; length.parse().unwrap()];
        self.input.read_exact(&mut text).unwrap();
        text
    }

    /// Returns the time from a typed character to the diagnostics of that version.
    fn changes(&mut self) -> Duration {
        let mut version = 1;
        median(|| {
            version += 1;
            let began = Instant::now();
            self.change(version);
            // The version stands at the end of no message: reading JSON is the editor's time, not the server's.
            let mut text = self.receive();
            while !text.windows(29).any(|part| part == b"textDocument/publishDiagnosti") {
                text = self.receive();
            }
            began.elapsed()
        })
    }

    fn change(&mut self, version: u64) {
        let at = json!({ "line": 7, "character": 4 });
        let text = if version.is_multiple_of(2) { "x" } else { "" };
        let end = json!({ "line": 7, "character": if version.is_multiple_of(2) { 4 } else { 5 } });
        let change = json!([{ "range": { "start": at, "end": end }, "text": text }]);
        let params = json!({ "textDocument": { "uri": URI, "version": version }, "contentChanges": change });
        self.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params }));
    }

    fn times(&mut self, method: &str, params: &Value) -> Duration {
        let mut params = params.clone();
        params["textDocument"] = json!({ "uri": URI });
        median(|| self.raw(method, &params).1)
    }

    /// Returns an answer as it came, and the time it took to come.
    fn raw(&mut self, method: &str, params: &Value) -> (Vec<u8>, Duration) {
        let began = Instant::now();
        self.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        let mut text = self.receive();
        while !text.ends_with(b"\"id\":1}") {
            text = self.receive();
        }
        (text, began.elapsed())
    }

    /// Returns the time of the tokens that a typed character changes, its diagnostics being there already.
    fn deltas(&mut self) -> Duration {
        let mut version = 1000;
        let mut previous = self.ask("textDocument/semanticTokens/full", &json!({ "textDocument": { "uri": URI } }));
        median(|| {
            version += 1;
            self.change(version);
            self.until(|message| message["params"]["version"] == version);
            let name = previous["result"]["resultId"].clone();
            let params = json!({ "textDocument": { "uri": URI }, "previousResultId": name });
            let (text, time) = self.raw("textDocument/semanticTokens/full/delta", &params);
            previous = serde_json::from_slice(&text).unwrap();
            time
        })
    }
}

fn median(mut work: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| work()).collect();
    times.sort();
    times[ROUNDS / 2]
}
