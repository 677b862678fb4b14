//! An editor in the same thread as its server: whoever waits lets the other run.

use std::future::Future;
use std::pin::{Pin, pin};

use containr_lsp::{Encoding, End, Ports, serve};
use futures::future::{Either, select};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf,
};
use tokio::runtime::{Builder, Runtime};

/// The name of the one document.
pub const URI: &str = "file:///project/Dockerfile";

/// The bytes that may wait between editor and server.
const MAX_UNREAD: usize = 4 << 20;

/// Is an editor with a server of its own.
pub struct Editor {
    runtime: Runtime,
    server: Pin<Box<dyn Future<Output = End>>>,
    input: BufReader<ReadHalf<DuplexStream>>,
    output: WriteHalf<DuplexStream>,
    /// What is to be sent before the next answer is waited for.
    unsent: Vec<u8>,
    asked: i64,
}

impl Editor {
    /// Starts a server and greets it as an editor that can do everything and counts columns so.
    pub fn new(encoding: Encoding) -> Self {
        let (near, far) = tokio::io::duplex(MAX_UNREAD);
        let server = Box::pin(async {
            let (input, output) = tokio::io::split(far);
            serve(input, output, Ports::default()).await
        });
        let (input, output) = tokio::io::split(near);
        let runtime = Builder::new_current_thread().build().expect("a runtime without sockets needs nothing");
        let input = BufReader::new(input);
        let mut editor = Self { runtime, server, input, output, unsent: Vec::new(), asked: 0 };
        let answer = editor.ask("initialize", &introduction(encoding));
        assert!(answer.get("error").is_none(), "{answer}");
        editor.tell("initialized", &json!({}));
        editor
    }

    /// Opens the document; nothing is sent before something is asked.
    pub fn open(&mut self, text: &str) {
        let document = json!({ "uri": URI, "languageId": "dockerfile", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    /// Changes the document.
    pub fn change(&mut self, version: i64, changes: &Value) {
        let document = json!({ "uri": URI, "version": version });
        self.tell("textDocument/didChange", &json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Closes the document.
    pub fn close(&mut self) {
        self.tell("textDocument/didClose", &json!({ "textDocument": { "uri": URI } }));
    }

    /// Asks, and returns the whole answer.
    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin(method, params);
        self.wait(id)
    }

    /// Puts a question behind what is to be sent and returns its number.
    pub fn begin(&mut self, method: &str, params: &Value) -> i64 {
        self.asked += 1;
        let id = self.asked;
        self.put(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Sends everything and waits for the answer to a question.
    pub fn wait(&mut self, id: i64) -> Value {
        loop {
            let message = self.receive();
            match (message.get("method"), message.get("id")) {
                (None, Some(of)) if *of == id => return message,
                // The server wants something; it gets what suits most requests.
                (Some(_), Some(of)) => {
                    self.put(&json!({ "jsonrpc": "2.0", "id": of, "result": { "applied": true } }));
                }
                _ => {}
            }
        }
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.put(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn put(&mut self, message: &Value) {
        let text = message.to_string();
        self.unsent.extend_from_slice(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn receive(&mut self) -> Value {
        let Self { runtime, server, input, output, unsent, .. } = self;
        let text = runtime.block_on(async {
            let talk = pin!(async {
                output.write_all(unsent).await.expect("the server listens");
                unsent.clear();
                read(input).await
            });
            match select(server.as_mut(), talk).await {
                Either::Left((end, _)) => panic!("the server left: {end:?}"),
                Either::Right((text, _)) => text,
            }
        });
        serde_json::from_slice(&text).expect("the server writes JSON")
    }
}

async fn read(input: &mut BufReader<ReadHalf<DuplexStream>>) -> Vec<u8> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert_ne!(input.read_line(&mut line).await.expect("the server speaks"), 0);
        match line.trim_end().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().expect("a length is a number"),
            None if line == "\r\n" => break,
            None => {}
        }
    }
    let mut text = vec![0; length];
    input.read_exact(&mut text).await.expect("a message is whole");
    text
}

fn introduction(encoding: Encoding) -> Value {
    let kinds = ["quickfix", "refactor", "refactor.extract", "refactor.rewrite", "source.fixAll"];
    json!({
        "processId": null,
        "rootUri": null,
        "capabilities": {
            "general": { "positionEncodings": [encoding.kind()] },
            "workspace": { "applyEdit": true, "workspaceEdit": { "documentChanges": true } },
            "textDocument": {
                "diagnostic": { "relatedDocumentSupport": false },
                "publishDiagnostics": { "relatedInformation": true },
                "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
                "rename": { "prepareSupport": true },
                "completion": { "completionItem": { "snippetSupport": true, "insertReplaceSupport": true } },
                "codeAction": {
                    "codeActionLiteralSupport": { "codeActionKind": { "valueSet": kinds } },
                    "dataSupport": true,
                    "resolveSupport": { "properties": ["edit"] },
                },
            },
        },
    })
}
