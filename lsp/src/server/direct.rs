//! Long answers are written as text at once.
//!
//! By way of a tree of values, as the transport makes of an answer, they would cost several times their own work and
//! memory. A request that cannot be read, or comes before or after its time, is left to the service, which refuses it.

use std::sync::atomic::Ordering;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tower_lsp_server::jsonrpc::{Id, Request};
use tower_lsp_server::ls_types::*;

use super::Server;
use crate::features::{folding, links, semantic, symbols};
use crate::lenient::{Answering, Writer};

impl Writer for Server {
    fn answer(&self, request: &Request) -> Option<Answering> {
        let is_open = self.state.is_greeted.load(Ordering::Relaxed) && !self.state.shut_down.load(Ordering::Relaxed);
        let (id, params) = (request.id()?, request.params().filter(|_| is_open)?);
        match request.method() {
            "textDocument/documentSymbol" => self.write(id, params, |params| self.outline(&params)),
            "textDocument/foldingRange" => self.write(id, params, |params| self.folds(&params)),
            "textDocument/documentLink" => self.write(id, params, |params| self.links(&params)),
            "textDocument/semanticTokens/full" => self.write(id, params, |params| self.tokens(&params)),
            "textDocument/semanticTokens/full/delta" => self.write(id, params, |params| self.token_delta(&params)),
            "textDocument/semanticTokens/range" => self.write(id, params, |params| self.tokens_within(&params)),
            "textDocument/diagnostic" => self.report(id.clone(), read(params)?),
            "workspace/diagnostic" => self.report_all(id.clone(), read(params)?),
            _ => None,
        }
    }
}

fn read<P: DeserializeOwned>(params: &LSPAny) -> Option<P> {
    P::deserialize(params).ok()
}

impl Server {
    fn write<P: DeserializeOwned, R: Serialize>(
        &self,
        id: &Id,
        params: &LSPAny,
        work: impl FnOnce(P) -> R,
    ) -> Option<Answering> {
        self.outlet.answer(id, &work(read(params)?));
        Some(Box::pin(std::future::ready(())))
    }

    fn report(&self, id: Id, params: DocumentDiagnosticParams) -> Option<Answering> {
        let server = self.clone();
        Some(Box::pin(async move {
            let previous = params.previous_result_id.as_deref();
            let report = server.document_report(&params.text_document.uri, previous).await;
            server.outlet.answer(&id, &report);
        }))
    }

    fn report_all(&self, id: Id, params: WorkspaceDiagnosticParams) -> Option<Answering> {
        let server = self.clone();
        Some(Box::pin(async move {
            let report = server.workspace_report(&params.previous_result_ids).await;
            server.outlet.answer(&id, &report);
        }))
    }

    /// Returns the outline of a document, as a tree where the client knows trees.
    pub(super) fn outline(&self, params: &DocumentSymbolParams) -> Option<DocumentSymbolResponse> {
        let nested = self.state.session().has_symbol_trees();
        self.on(&params.text_document.uri, |document| match nested {
            true => DocumentSymbolResponse::Nested(symbols::outline(document)),
            false => DocumentSymbolResponse::Flat(symbols::flat(document)),
        })
    }

    /// Returns the parts of a document that can be folded.
    pub(super) fn folds(&self, params: &FoldingRangeParams) -> Option<Vec<FoldingRange>> {
        self.on(&params.text_document.uri, folding::folding)
    }

    /// Returns the links of a document.
    pub(super) fn links(&self, params: &DocumentLinkParams) -> Option<Vec<DocumentLink>> {
        self.on(&params.text_document.uri, |document| links::links(document, &|path| self.exists(path)))
    }

    /// Returns the tokens of a document.
    pub(super) fn tokens(&self, params: &SemanticTokensParams) -> Option<SemanticTokensResult> {
        let uri = &params.text_document.uri;
        let data = self.on(uri, semantic::full)?;
        let (name, _) = self.state.keep_tokens(uri, data.clone(), None);
        Some(SemanticTokensResult::Tokens(SemanticTokens { result_id: Some(name), data }))
    }

    /// Returns what has changed in the tokens of a document since they were last sent.
    pub(super) fn token_delta(&self, params: &SemanticTokensDeltaParams) -> Option<SemanticTokensFullDeltaResult> {
        let uri = &params.text_document.uri;
        let new = self.on(uri, semantic::full)?;
        let (name, old) = self.state.keep_tokens(uri, new.clone(), Some(&params.previous_result_id));
        Some(match old {
            Some(old) => SemanticTokensFullDeltaResult::TokensDelta(SemanticTokensDelta {
                result_id: Some(name),
                edits: semantic::delta(&old, &new),
            }),
            None => SemanticTokensFullDeltaResult::Tokens(SemanticTokens { result_id: Some(name), data: new }),
        })
    }

    /// Returns the tokens of a part of a document.
    pub(super) fn tokens_within(&self, params: &SemanticTokensRangeParams) -> Option<SemanticTokensRangeResult> {
        self.on(&params.text_document.uri, |document| {
            let data = semantic::within(document, document.span(params.range));
            SemanticTokensRangeResult::Tokens(SemanticTokens { result_id: None, data })
        })
    }
}
