//! Pushes diagnostics: of each document the newest version, one at a time, after all changes that have arrived.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, PoisonError};

use containr_lint::Config;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tower_lsp_server::ls_types::Uri;

use super::Server;
use super::state::State;
use crate::documents::Document;
use crate::features::diagnostics::Told;
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
                self.publish(uri, &found, Some(document.version()));
                if self.is_current(&document, &settings) {
                    break;
                }
            }
        }
        self.state.judging.lock().unwrap_or_else(PoisonError::into_inner).remove(uri.as_str());
    }

    /// Sends diagnostics.
    pub(super) fn publish(&self, uri: &Uri, diagnostics: &RawValue, version: Option<i32>) {
        #[derive(Serialize)]
        struct Published<'a> {
            uri: &'a Uri,
            diagnostics: &'a RawValue,
            #[serde(skip_serializing_if = "Option::is_none")]
            version: Option<i32>,
        }
        self.outlet.notify("textDocument/publishDiagnostics", &Published { uri, diagnostics, version });
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

/// Returns the diagnostics of a document as the text of a list.
///
/// Some thousand of them in any other form would cost more than the judgement.
pub(super) async fn judged(state: &Arc<State>, document: &Arc<Document>) -> Box<RawValue> {
    if !state.settings().lint.is_on() {
        return nothing();
    }
    let config = state.config(document.uri());
    if document.text().len() <= SMALL {
        return text(document, &config);
    }
    let own = Arc::clone(document);
    state.worker.ask(move || text(&own, &config)).await.unwrap_or_else(nothing)
}

fn text(document: &Document, config: &Arc<Config>) -> Box<RawValue> {
    to_raw_value(&Told { document, findings: &document.findings(config) }).unwrap_or_else(|_| nothing())
}

/// Gives up a snapshot where it was looked at: taking a large tree apart must not hold up what comes next.
pub(super) fn put_away(state: &State, document: Option<Arc<Document>>) {
    if let Some(document) = document.filter(|one| one.text().len() > SMALL) {
        state.worker.tell(move || drop(document));
    }
}

/// Returns the text of an empty list.
pub(super) fn nothing() -> Box<RawValue> {
    RawValue::from_string("[]".to_owned()).expect("it is a list without elements")
}

/// Returns a name for what is said of a document: it depends on the text and on the settings alone.
pub(super) fn result_id(state: &State, document: &Document) -> String {
    let mut hasher = DefaultHasher::new();
    document.text().hash(&mut hasher);
    state.settings().lint.hash(&mut hasher);
    format!("{:?}", state.config(document.uri())).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
