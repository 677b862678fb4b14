//! The way in: passes on the messages that are messages, and answers for the others.
//!
//! The transport ends the conversation at the first text that it cannot read; here such a text costs only itself.

use serde::Deserialize;
use serde_json::Value;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tower_lsp_server::jsonrpc::Response;

use crate::outlet::Outlet;

/// Longest message that is read; a larger one ends the conversation, since no editor writes it.
const MAX_BYTES: u64 = 256 << 20;

/// Longest line of a header.
const MAX_LINE: u64 = 4096;

/// Passes messages on until the client has no more or the receiver wants no more.
pub(crate) async fn feed(input: impl AsyncRead + Unpin, mut output: impl AsyncWrite + Unpin, outlet: Outlet) {
    let mut input = BufReader::new(input);
    while let Some(message) = read(&mut input).await {
        if !is_message(&message) {
            outlet.refuse();
            continue;
        }
        let header = format!("Content-Length: {}\r\n\r\n", message.len());
        let written = output.write_all(header.as_bytes()).await.is_ok() && output.write_all(&message).await.is_ok();
        if !written || output.flush().await.is_err() {
            break;
        }
    }
}

/// Reads the next message; lines of the header that say nothing of its length are passed over.
async fn read(input: &mut (impl AsyncBufRead + Unpin)) -> Option<Vec<u8>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        let read = (&mut *input).take(MAX_LINE).read_until(b'\n', &mut line).await.ok()?;
        if read == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line);
        match (line.trim(), length) {
            ("", Some(length)) if length <= MAX_BYTES => return body(input, length).await,
            ("", Some(_)) => return None,
            (line, _) => length = content_length(line).or(length),
        }
    }
}

fn content_length(line: &str) -> Option<u64> {
    let (name, value) = line.split_once(':')?;
    name.trim().eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
}

async fn body(input: &mut (impl AsyncBufRead + Unpin), length: u64) -> Option<Vec<u8>> {
    // The memory grows with what arrives, not with what is announced.
    let mut body = Vec::new();
    let read = (&mut *input).take(length).read_to_end(&mut body).await.ok()?;
    (read as u64 == length).then_some(body)
}

/// Tells whether a text has the shape of a request, a notification or a response.
fn is_message(text: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Call {
        jsonrpc: String,
        method: String,
        #[serde(default)]
        id: Value,
        // Read as the transport will do: it is strict about characters and nesting.
        #[serde(default, rename = "params")]
        _params: Value,
    }
    match serde_json::from_slice::<Call>(text) {
        Ok(Call { jsonrpc, method, id, .. }) => {
            jsonrpc == "2.0" && !method.is_empty() && (id.is_i64() || id.is_string() || id.is_null())
        }
        Err(_) => serde_json::from_slice::<Response>(text).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(input: &[u8]) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut written = Vec::new();
        runtime.block_on(feed(input, &mut written, Outlet::default()));
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn messages_pass_and_other_texts_do_not() {
        let sound = "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}";
        let framed = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
        for odd in ["{{{", "[]", "7", "{\"jsonrpc\":\"1.0\",\"method\":\"m\"}", "{\"jsonrpc\":\"2.0\",\"method\":7}"] {
            assert_eq!(fed(format!("{}{}", framed(odd), framed(sound)).as_bytes()), framed(sound), "{odd}");
        }
        let answer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}";
        assert_eq!(fed(framed(answer).as_bytes()), framed(answer));
    }

    #[test]
    fn headers_in_other_forms() {
        let text = "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}";
        let input = format!("X: 1\ncontent-length:{}\nContent-Type: a; charset=utf-8\n\n{text}", text.len());
        assert!(fed(input.as_bytes()).ends_with(text));
        assert_eq!(fed(b"Content-Length: 99999999999999999999\r\n\r\n"), "");
        assert_eq!(fed(b"Content-Length: 10\r\n\r\nshort"), "");
    }
}
