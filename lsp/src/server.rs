//! The server: hands each message of the protocol to the function that answers it.

mod judging;
mod state;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    DidChangeConfigurationParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    InitializeParams, InitializeResult, ServerInfo,
};
use tower_lsp_server::{Client, LanguageServer, LspService, Server as Transport};

use crate::capabilities::capabilities;
use crate::documents::Document;
use crate::lenient::Lenient;
use crate::ports::Ports;
use crate::session::Session;
use crate::settings::Settings;
use state::State;

/// Says how a client left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// It asked the server to shut down first, as the protocol wants.
    Clean,
    /// It was gone all at once.
    Abrupt,
}

/// The number of messages that may be waited for at a time; most are answered while they are read.
const MAX_WAITING: usize = 64;

/// Serves one client until it leaves.
///
/// The future wants a runtime of tokio. Nothing is written to the streams but the protocol.
pub async fn serve<I, O>(input: I, output: O, ports: Ports) -> End
where
    I: AsyncRead + Unpin,
    O: AsyncWrite,
{
    let state = Arc::new(State::new(ports));
    let (service, socket) = LspService::new(|client| Server { client, state: Arc::clone(&state) });
    Transport::new(input, output, socket).concurrency_level(MAX_WAITING).serve(Lenient::new(service)).await;
    if state.shut_down.load(Ordering::Relaxed) { End::Clean } else { End::Abrupt }
}

/// Is the server of one client.
struct Server {
    client: Client,
    state: Arc<State>,
}

impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let session = Session::new(&params);
        let capabilities = capabilities(&session);
        if let Some(options) = &params.initialization_options {
            self.state.set_settings(Settings::read(options));
        }
        self.state.begin(session);
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let server_info = Some(ServerInfo { name: "containr".to_owned(), version: Some(version) });
        Ok(InitializeResult { capabilities, server_info, ..InitializeResult::default() })
    }

    async fn shutdown(&self) -> Result<()> {
        self.state.shut_down.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let document = Document::new(item.uri, item.version, item.text, self.state.session().encoding);
        let document = self.state.documents.put(document);
        self.judge(document.uri()).await;
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let name = params.text_document;
        self.state.documents.change(&name.uri, name.version, params.content_changes);
        self.judge(&name.uri).await;
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.state.documents.close(&uri);
        self.state.forget_config(&uri);
        if !self.state.session().pulls_diagnostics() {
            self.client.publish_diagnostics(uri, Vec::new(), None).await;
        }
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        self.state.set_settings(Settings::read(&params.settings));
        self.judge_all().await;
    }
}
