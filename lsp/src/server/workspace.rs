//! What concerns more than one file: settings, watched files, and what is asked of the whole workspace.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use tower_lsp_server::ls_types::{ConfigurationItem, PreviousResultId, Registration, SymbolInformation, Uri};

use super::Server;
use super::judging::{judged, nothing, result_id};
use crate::documents::Document;
use crate::features::symbols::matching;
use crate::settings::Settings;

/// The files whose changes matter: ignore rules, the lint's settings, and Dockerfiles that are not open.
const WATCHED: [&str; 6] = [
    "**/.containerignore",
    "**/*.dockerignore",
    "**/.dockerignore",
    "**/{.,}hadolint.{yaml,yml}",
    "**/*{D,d}ockerfile*",
    "**/Containerfile*",
];

/// Is what there is to say of a document; the diagnostics are the text of a list.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub(super) enum Report {
    /// Everything.
    Full {
        #[serde(skip_serializing_if = "Option::is_none")]
        result_id: Option<String>,
        items: Box<RawValue>,
    },
    /// What the client knows already.
    Unchanged { result_id: String },
}

/// Is what there is to say of a file of the workspace; one that is not open has no version.
#[derive(Serialize)]
struct Reported {
    uri: Uri,
    version: Option<i32>,
    #[serde(flatten)]
    report: Report,
}

/// Is what there is to say of the workspace.
#[derive(Serialize)]
pub(super) struct WorkspaceReport {
    items: Vec<Reported>,
}

impl Server {
    /// Asks the client to watch files, where it can.
    pub(super) async fn watch(&self) {
        if !self.state.session().watches_files() {
            return;
        }
        let watchers: Vec<_> = WATCHED.iter().map(|glob| json!({ "globPattern": glob })).collect();
        let registration = Registration {
            id: "watched-files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: Some(json!({ "watchers": watchers })),
        };
        // A client that refuses has no changes to tell of.
        let _ = self.client.register_capability(vec![registration]).await;
    }

    /// Asks the client for its settings, where it can be asked.
    pub(super) async fn fetch_settings(&self) {
        if !self.state.session().has_configuration() {
            return;
        }
        let item = ConfigurationItem { scope_uri: None, section: Some("containr".to_owned()) };
        let Ok(values) = self.client.configuration(vec![item]).await else { return };
        if let Some(value) = values.first().filter(|value| value.is_object()) {
            self.state.set_settings(Settings::read(value));
            self.judge_all().await;
        }
    }

    /// Returns what there is to say of a document, unless the client has it already.
    pub(super) async fn document_report(&self, uri: &Uri, previous: Option<&str>) -> Report {
        match self.state.documents.get(uri) {
            Some(document) => self.report_of(&document, previous).await,
            None => Report::Full { result_id: None, items: nothing() },
        }
    }

    /// Returns what there is to say of every Dockerfile of the workspace, open or not.
    pub(super) async fn workspace_report(&self, previous: &[PreviousResultId]) -> WorkspaceReport {
        let mut items = Vec::new();
        for document in self.workspace_documents().await {
            let known = previous.iter().find(|one| one.uri == *document.uri());
            let is_open = self.state.documents.get(document.uri()).is_some();
            let version = is_open.then(|| document.version());
            let report = self.report_of(&document, known.map(|one| one.value.as_str())).await;
            items.push(Reported { uri: document.uri().clone(), version, report });
            tokio::task::yield_now().await;
        }
        WorkspaceReport { items }
    }

    async fn report_of(&self, document: &Arc<Document>, previous: Option<&str>) -> Report {
        let result_id = result_id(&self.state, document);
        if previous == Some(&result_id) {
            return Report::Unchanged { result_id };
        }
        Report::Full { result_id: Some(result_id), items: judged(&self.state, document).await }
    }

    /// Returns the stages and global arguments of the workspace whose names match a query.
    pub(super) async fn workspace_symbols(&self, query: &str) -> Vec<SymbolInformation> {
        let documents = self.workspace_documents().await;
        documents.iter().flat_map(|document| matching(document, query)).collect()
    }

    /// Returns the open documents, then the other Dockerfiles of the workspace.
    async fn workspace_documents(&self) -> Vec<Arc<Document>> {
        let mut documents = self.state.documents.all();
        let Some(port) = self.state.ports.workspace.clone() else { return documents };
        let session = self.state.session();
        let open: Vec<Uri> = documents.iter().map(|document| document.uri().clone()).collect();
        let task = tokio::task::spawn_blocking(move || {
            let mut files: Vec<_> = session.folders.iter().flat_map(|folder| port.dockerfiles(folder)).collect();
            files.sort();
            files.dedup();
            let read = files.into_iter().filter_map(|file| {
                let uri = Uri::from_file_path(&file).filter(|uri| !open.contains(uri))?;
                Some(Arc::new(Document::new(uri, 0, port.read(&file)?, session.encoding)))
            });
            read.collect::<Vec<_>>()
        });
        // The task ends early only with the runtime.
        documents.extend(task.await.unwrap_or_default());
        documents
    }
}
