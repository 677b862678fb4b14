//! The server: hands each message of the protocol to the function that answers it.
//!
//! A handler takes its snapshot before it waits for anything, see [`Lenient`](crate::lenient::Lenient).

mod assistance;
mod direct;
mod judging;
mod state;
mod worker;
mod workspace;

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::future::{join, select};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp_server::ls_types::*;
use tower_lsp_server::{Client, LanguageServer, LspService, Server as Transport};

use crate::capabilities::capabilities;
use crate::documents::Document;
use crate::features::definition::{Declaration, definition, highlights, references};
use crate::features::rename::{Refusal, prepare, rename};
use crate::features::{completion, formatting, hierarchy, links, selection};
use crate::inlet::feed;
use crate::lenient::Lenient;
use crate::outlet::Outlet;
use crate::ports::Ports;
use crate::session::Session;
use crate::settings::Settings;
use judging::{nothing, put_away};
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

/// The bytes that may wait between the way in and the transport.
const MAX_UNREAD: usize = 64 << 10;

/// Serves one client until it leaves.
///
/// The future wants a runtime of tokio. Nothing is written to the streams but the protocol.
pub async fn serve<I, O>(input: I, output: O, ports: Ports) -> End
where
    I: AsyncRead + Unpin,
    O: AsyncWrite,
{
    let state = Arc::new(State::new(ports));
    let outlet = Outlet::default();
    let (service, socket) =
        LspService::new(|client| Server { client, outlet: outlet.clone(), state: Arc::clone(&state) });
    let writer = service.inner().clone();
    let (sound, heard) = tokio::io::duplex(MAX_UNREAD);
    let transport = Transport::new(heard, outlet.clone(), socket).concurrency_level(MAX_WAITING);
    let talk = async {
        let served = pin!(transport.serve(Lenient::new(service, writer)));
        let fed = pin!(async {
            feed(input, sound, outlet.clone()).await;
            // The transport notices that no more comes; until then it goes on.
            std::future::pending::<()>().await;
        });
        select(served, fed).await;
        outlet.close();
    };
    join(talk, outlet.drain(output)).await;
    if state.shut_down.load(Ordering::Relaxed) { End::Clean } else { End::Abrupt }
}

/// Is the server of one client; clones are the same server.
#[derive(Clone)]
struct Server {
    client: Client,
    outlet: Outlet,
    state: Arc<State>,
}

impl Server {
    /// Answers a question about an open document; of one that is not open nothing is known.
    fn on<T>(&self, uri: &Uri, answer: impl FnOnce(&Document) -> T) -> Option<T> {
        self.state.documents.get(uri).map(|document| answer(&document))
    }

    /// Tells whether a file is there, as far as the workspace knows.
    fn exists(&self, path: &Path) -> bool {
        self.state.ports.workspace.as_ref().is_some_and(|workspace| workspace.exists(path))
    }
}

impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let session = Session::new(&params);
        let capabilities = capabilities(&session);
        if let Some(options) = &params.initialization_options {
            self.state.set_settings(Settings::read(options));
        }
        self.state.begin(session);
        self.state.is_greeted.store(true, Ordering::Relaxed);
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let server_info = Some(ServerInfo { name: "containr".to_owned(), version: Some(version) });
        Ok(InitializeResult { capabilities, server_info, ..InitializeResult::default() })
    }

    async fn initialized(&self, _: InitializedParams) {
        self.watch().await;
        self.fetch_settings().await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.state.shut_down.store(true, Ordering::Relaxed);
        Ok(())
    }

    // Documents.

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let document = Document::new(item.uri, item.version, item.text, self.state.session().encoding);
        let document = self.state.documents.put(document);
        self.judge(document.uri()).await;
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let name = params.text_document;
        let before = self.state.documents.change(&name.uri, name.version, params.content_changes);
        self.judge(&name.uri).await;
        put_away(&self.state, before);
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        if !self.state.session().watches_files() {
            // Nobody tells of changed settings: they are looked at again now.
            self.state.forget_configs();
        }
        self.judge(&params.text_document.uri).await;
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.state.forget(&uri);
        if !self.state.session().pulls_diagnostics() {
            self.publish(&uri, &nothing(), None);
        }
    }

    // The workspace.

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        if self.state.session().has_configuration() {
            return self.fetch_settings().await;
        }
        self.state.set_settings(Settings::read(&params.settings));
        self.judge_all().await;
    }

    async fn did_change_watched_files(&self, _: DidChangeWatchedFilesParams) {
        self.state.forget_configs();
        self.judge_all().await;
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        self.state.change_folders(&params.event.added, &params.event.removed);
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<WorkspaceSymbolResponse>> {
        let found = self.workspace_symbols(&params.query).await;
        Ok(Some(WorkspaceSymbolResponse::Flat(found)))
    }

    // Names.

    async fn goto_definition(&self, params: GotoDefinitionParams) -> Result<Option<GotoDefinitionResponse>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let found = self.on(&text_document.uri, |document| definition(document, position, &|path| self.exists(path)));
        Ok(found.filter(|found| !found.is_empty()).map(GotoDefinitionResponse::Array))
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let wanted = if params.context.include_declaration { Declaration::Included } else { Declaration::LeftOut };
        Ok(self.on(&text_document.uri, |document| references(document, position, wanted)))
    }

    async fn document_highlight(&self, params: DocumentHighlightParams) -> Result<Option<Vec<DocumentHighlight>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        Ok(self.on(&text_document.uri, |document| highlights(document, position)))
    }

    async fn prepare_rename(&self, params: TextDocumentPositionParams) -> Result<Option<PrepareRenameResponse>> {
        let found = self.on(&params.text_document.uri, |document| prepare(document, params.position));
        found.transpose().or_else(refused)
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let found = self.on(&text_document.uri, |document| rename(document, position, &params.new_name));
        found.transpose().or_else(refused)
    }

    // The shape of the text.

    async fn document_symbol(&self, params: DocumentSymbolParams) -> Result<Option<DocumentSymbolResponse>> {
        Ok(self.outline(&params))
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        Ok(self.folds(&params))
    }

    async fn selection_range(&self, params: SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>> {
        Ok(self.on(&params.text_document.uri, |document| {
            params.positions.iter().map(|position| selection::selection(document, *position)).collect()
        }))
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        Ok(self.on(&params.text_document.uri, formatting::whole))
    }

    async fn range_formatting(&self, params: DocumentRangeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        Ok(self.on(&params.text_document.uri, |document| formatting::within(document, params.range)))
    }

    async fn on_type_formatting(&self, params: DocumentOnTypeFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position;
        Ok(self.on(&text_document.uri, |document| formatting::after_break(document, position)))
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        Ok(self.links(&params))
    }

    async fn document_link_resolve(&self, link: DocumentLink) -> Result<DocumentLink> {
        Ok(links::resolve(link))
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let found = self.on(&text_document.uri, |document| hierarchy::prepare(document, position));
        Ok(found.flatten().map(|item| vec![item]))
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        Ok(self.on(&params.item.uri, |document| hierarchy::incoming(document, &params.item)))
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        Ok(self.on(&params.item.uri, |document| hierarchy::outgoing(document, &params.item)))
    }

    // Help with writing.

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        Ok(self.completions(params.text_document_position).await)
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        Ok(completion::resolve(item))
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        Ok(self.hovered(params.text_document_position_params).await)
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        Ok(self.signature(&params.text_document_position_params))
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        Ok(self.hints(params).await)
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        Ok(self.lenses(params).await)
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        Ok(self.offered(params).await)
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        Ok(self.worked_out(action).await)
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        self.execute(params).await
    }

    // Colours.

    async fn semantic_tokens_full(&self, params: SemanticTokensParams) -> Result<Option<SemanticTokensResult>> {
        Ok(self.tokens(&params))
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        Ok(self.token_delta(&params))
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        Ok(self.tokens_within(&params))
    }
}

/// Returns a refusal in the protocol's form; that there is nothing to rename is no error.
fn refused<T>(refusal: Refusal) -> Result<Option<T>> {
    /// The protocol's code of a request that is sound but cannot be done.
    const REQUEST_FAILED: i64 = -32803;
    match refusal {
        Refusal::Nothing => Ok(None),
        other => {
            let code = ErrorCode::ServerError(REQUEST_FAILED);
            Err(Error { code, message: other.to_string().into(), data: None })
        }
    }
}
