//! `containr lsp` from the outside: its streams, its exit codes, and that it leaves the local state alone.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

fn start(root: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_containr"))
        .arg("lsp")
        .args(args)
        .env("CONTAINR_ROOT", root)
        .env("HOME", root)
        .env_remove("XDG_CONFIG_HOME")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn send(output: &mut impl Write, message: &Value) {
    let text = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    output.flush().unwrap();
}

fn receive(input: &mut BufReader<impl Read>) -> Value {
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert!(input.read_line(&mut line).unwrap() > 0, "the server goes on");
        match line.trim_end().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().unwrap(),
            None if line == "\r\n" => break,
            None => {}
        }
    }
    let mut text = vec![0; length];
    input.read_exact(&mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Greets, opens a file of the folder, hears what is said of it and leaves.
fn converse(input: impl Read, mut output: impl Write, folder: &Path) {
    let mut input = BufReader::new(input);
    let uri = format!("file://{}/Dockerfile", folder.display());
    send(&mut output, &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    assert_eq!(receive(&mut input)["result"]["serverInfo"]["name"], "containr");
    send(&mut output, &json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let text = "FROM debian:12\nMAINTAINER me\nWORKDIR relative\n";
    let document = json!({ "uri": uri, "languageId": "dockerfile", "version": 1, "text": text });
    let open = json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } });
    send(&mut output, &open);
    let told = receive(&mut input);
    let codes: Vec<_> = told["params"]["diagnostics"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&json!("workdir-relative")), "{codes:?}");
    assert!(!codes.contains(&&json!("maintainer-deprecated")), "the settings beside the file hold: {codes:?}");
    send(&mut output, &json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
    assert_eq!(receive(&mut input)["id"], 2);
    send(&mut output, &json!({ "jsonrpc": "2.0", "method": "exit" }));
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".hadolint.yaml"), "ignored: [DL4000]\n").unwrap();
    folder
}

#[test]
fn an_editor_on_stdio_finds_no_state_made() {
    let folder = folder();
    let root = folder.path().join("root");
    let mut server = start(&root, &["--stdio"]);
    let (input, output) = (server.stdout.take().unwrap(), server.stdin.as_mut().unwrap());
    converse(input, output, folder.path());
    assert_eq!(server.wait().unwrap().code(), Some(0), "stdin is still open");
    assert!(!root.exists());
}

#[test]
fn an_editor_on_loopback() {
    let folder = folder();
    let mut server = start(folder.path(), &["--tcp", "127.0.0.1:0"]);
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let stream = TcpStream::connect(address.trim()).unwrap();
    converse(stream.try_clone().unwrap(), &stream, folder.path());
    assert_eq!(server.wait().unwrap().code(), Some(0));
}

#[test]
fn an_editor_that_is_gone_ends_the_server() {
    let folder = folder();
    let mut server = start(folder.path(), &[]);
    drop(server.stdin.take());
    assert_eq!(server.wait().unwrap().code(), Some(1));
}

#[test]
fn an_address_that_others_reach_is_refused() {
    let folder = folder();
    let server = start(folder.path(), &["--tcp", "0.0.0.0:0"]).wait_with_output().unwrap();
    assert_eq!(server.status.code(), Some(2));
    assert!(String::from_utf8(server.stderr).unwrap().contains("is no loopback address"));
}
