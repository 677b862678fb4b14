//! Stands between the transport and the server: bends what odd clients send, and keeps messages in their order.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use serde_json::{Map, Value, json};
use tower::Service;
use tower_lsp_server::jsonrpc::{Request, Response};
use tower_lsp_server::ls_types::{ClientCapabilities, InitializeParams};

/// Is a service that hears every message in the order in which it was sent.
///
/// Handlers run concurrently. Each is hence started here, while the next message is still unread, and runs up to its
/// first wait: changes of documents happen then, and requests take their snapshots then.
#[derive(Debug)]
pub(crate) struct Lenient<S, W> {
    inner: S,
    writer: W,
}

/// Answers some requests itself, past the service and the transport.
pub(crate) trait Writer {
    /// Begins to answer a request; nothing where the service has to.
    fn answer(&self, request: &Request) -> Option<Answering>;
}

/// Is an answer that is being written; it is whole when the future ends.
pub(crate) type Answering = Pin<Box<dyn Future<Output = ()> + Send>>;

impl<S, W> Lenient<S, W> {
    pub(crate) fn new(inner: S, writer: W) -> Self {
        Self { inner, writer }
    }
}

type Reply<E> = Pin<Box<dyn Future<Output = Result<Option<Response>, E>> + Send>>;

impl<S, W> Service<Request> for Lenient<S, W>
where
    W: Writer,
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Reply<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut reply: Reply<S::Error> = match self.writer.answer(&request) {
            Some(answering) => Box::pin(async {
                answering.await;
                Ok(None)
            }),
            None => Box::pin(self.inner.call(bend(request))),
        };
        match reply.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Box::pin(std::future::ready(done)),
            Poll::Pending => reply,
        }
    }
}

/// Returns a request with parameters that can be read.
fn bend(request: Request) -> Request {
    if !matches!(request.method(), "initialize" | "initialized" | "shutdown") {
        return request;
    }
    let (method, id, params) = request.into_parts();
    let params = match &*method {
        "initialize" => Some(introduction(params.unwrap_or_default())),
        "initialized" => Some(json!({})),
        _ => None,
    };
    let mut builder = Request::build(method);
    if let Some(params) = params {
        builder = builder.params(params);
    }
    if let Some(id) = id {
        builder = builder.id(id);
    }
    builder.finish()
}

/// Returns the parameters of `initialize` without the parts that have another shape than the protocol's.
fn introduction(params: Value) -> Value {
    if fits::<InitializeParams>(&params) {
        return params;
    }
    let Value::Object(params) = params else { return json!({"capabilities": {}}) };
    let mut kept = Map::from_iter([("capabilities".to_owned(), json!({}))]);
    for (key, value) in params {
        let value = if key == "capabilities" { capabilities(value) } else { value };
        let mut tried = kept.clone();
        tried.insert(key, value);
        if fits::<InitializeParams>(&Value::Object(tried.clone())) {
            kept = tried;
        }
    }
    Value::Object(kept)
}

/// Drops the capabilities that cannot be read: of two levels, so that one odd entry costs no other.
fn capabilities(value: Value) -> Value {
    let keep = |kept: &mut Map<String, Value>, key: String, value: Value| {
        kept.insert(key.clone(), value);
        if !fits::<ClientCapabilities>(&Value::Object(kept.clone())) {
            kept.remove(&key);
        }
    };
    let Value::Object(groups) = value else { return json!({}) };
    let mut kept = Map::new();
    for (group, value) in groups {
        let whole = Map::from_iter([(group.clone(), value.clone())]);
        if fits::<ClientCapabilities>(&Value::Object(whole)) {
            kept.insert(group, value);
            continue;
        }
        let Value::Object(entries) = value else { continue };
        let mut sound = Map::new();
        for (name, entry) in entries {
            let mut tried = Map::new();
            keep(&mut tried, group.clone(), json!({ name.clone(): entry.clone() }));
            if !tried.is_empty() {
                sound.insert(name, entry);
            }
        }
        keep(&mut kept, group, Value::Object(sound));
    }
    Value::Object(kept)
}

fn fits<T: serde::de::DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_capability_costs_no_other() {
        let odd = json!({
            "processId": "many",
            "rootUri": null,
            "capabilities": {
                "textDocument": {"semanticTokens": {"requests": 7}, "hover": {"contentFormat": ["plaintext"]}},
                "general": {"positionEncodings": ["utf-8"]},
                "window": [],
            },
        });
        let params: InitializeParams = serde_json::from_value(introduction(odd)).unwrap();
        assert!(params.capabilities.general.unwrap().position_encodings.is_some());
        let text_document = params.capabilities.text_document.unwrap();
        assert!(text_document.hover.is_some());
        assert!(text_document.semantic_tokens.is_none());
    }

    #[test]
    fn anything_is_an_introduction() {
        for odd in [json!(null), json!([]), json!("hello"), json!({}), json!({"capabilities": null})] {
            assert!(fits::<InitializeParams>(&introduction(odd)));
        }
    }
}
