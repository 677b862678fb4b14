//! Pushes diagnostics: of each document the newest version, one at a time, after all changes that have arrived.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, PoisonError};

use tower_lsp_server::ls_types::{Diagnostic, PublishDiagnosticsParams, Uri};

use super::Server;
use super::state::State;
use crate::documents::Document;
use crate::features::diagnostics::diagnostics;
use crate::settings::Settings;

/// Texts up to this length are judged where they are received: that is quicker than waking a thread.
const SMALL: usize = 16 << 10;

impl Server {
    /// Judges every open document again.
    pub(super) async fn judge_all(&self) {
        for document in self.state.documents.all() {
            self.judge(document.uri()).await;
        }
        let session = self.state.session();
        if session.pulls_diagnostics() && session.refreshes_diagnostics() {
            // A client that does not answer fetches them when it likes.
            let _ = self.client.workspace_diagnostic_refresh().await;
        }
    }

    /// Judges a document and publishes what was found, unless someone is at it already, who will see the newest text.
    pub(super) async fn judge(&self, uri: &Uri) {
        if self.state.session().pulls_diagnostics() || !self.begins(uri) {
            return;
        }
        loop {
            // Changes that wait to be read come first.
            tokio::task::yield_now().await;
            let settings = self.state.settings();
            let Some(document) = self.state.documents.get(uri) else { break };
            let found = judged(&self.state, &document).await;
            if self.is_current(&document, &settings) {
                self.publish(uri, found, Some(document.version()));
                if self.is_current(&document, &settings) {
                    break;
                }
            }
        }
        self.state.judging.lock().unwrap_or_else(PoisonError::into_inner).remove(uri.as_str());
    }

    /// Sends diagnostics.
    ///
    /// They are written as text at once: by way of a tree of values, as the transport makes of other messages, some
    /// thousand findings cost more than the judgement.
    pub(super) fn publish(&self, uri: &Uri, diagnostics: Vec<Diagnostic>, version: Option<i32>) {
        let params = PublishDiagnosticsParams { uri: uri.clone(), diagnostics, version };
        self.outlet.notify("textDocument/publishDiagnostics", &params);
    }

    fn begins(&self, uri: &Uri) -> bool {
        self.state.judging.lock().unwrap_or_else(PoisonError::into_inner).insert(uri.as_str().to_owned())
    }

    /// Tells whether nothing has changed since a document was taken.
    fn is_current(&self, document: &Arc<Document>, settings: &Arc<Settings>) -> bool {
        let newest = self.state.documents.get(document.uri());
        newest.is_some_and(|newest| Arc::ptr_eq(&newest, document)) && Arc::ptr_eq(settings, &self.state.settings())
    }
}

/// Returns the diagnostics of a document.
pub(super) async fn judged(state: &Arc<State>, document: &Arc<Document>) -> Vec<Diagnostic> {
    if !state.settings().lint.is_on() {
        return Vec::new();
    }
    let config = state.config(document.uri());
    if document.text().len() <= SMALL {
        return diagnostics(document, &document.findings(&config));
    }
    let own = Arc::clone(document);
    let task = tokio::task::spawn_blocking(move || diagnostics(&own, &own.findings(&config)));
    // The task ends early only with the runtime.
    task.await.unwrap_or_default()
}

/// Returns a name for what is said of a document: it depends on the text and on the settings alone.
pub(super) fn result_id(state: &State, document: &Document) -> String {
    let mut hasher = DefaultHasher::new();
    document.text().hash(&mut hasher);
    state.settings().lint.hash(&mut hasher);
    format!("{:?}", state.config(document.uri())).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
