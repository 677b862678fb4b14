//! What concerns more than one file: settings, watched files, and what is asked of the whole workspace.

use std::sync::Arc;

use serde_json::json;
use tower_lsp_server::ls_types::{
    ConfigurationItem, DocumentDiagnosticReport, FullDocumentDiagnosticReport, PreviousResultId, Registration,
    RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport, SymbolInformation,
    UnchangedDocumentDiagnosticReport, Uri, WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use super::Server;
use super::judging::{judged, result_id};
use crate::documents::Document;
use crate::features::symbols::matching;
use crate::settings::Settings;

/// The files whose changes matter: ignore rules, the lint's settings, and Dockerfiles that are not open.
const WATCHED: [&str; 6] = [
    "**/.dockerignore",
    "**/*.dockerignore",
    "**/{.,}hadolint.{yaml,yml}",
    "**/.containr.toml",
    "**/*{D,d}ockerfile*",
    "**/Containerfile*",
];

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
    pub(super) async fn document_report(&self, uri: &Uri, previous: Option<&str>) -> DocumentDiagnosticReport {
        let Some(document) = self.state.documents.get(uri) else {
            return DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport::default());
        };
        let result_id = result_id(&self.state, &document);
        if previous == Some(&result_id) {
            let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id };
            return DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report,
            });
        }
        let items = judged(&self.state, &document).await;
        let full_document_diagnostic_report = FullDocumentDiagnosticReport { result_id: Some(result_id), items };
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report,
        })
    }

    /// Returns what there is to say of every Dockerfile of the workspace, open or not.
    pub(super) async fn workspace_report(
        &self,
        previous: &[PreviousResultId],
    ) -> Vec<WorkspaceDocumentDiagnosticReport> {
        let mut reports = Vec::new();
        for document in self.workspace_documents().await {
            let known = previous.iter().find(|one| one.uri == *document.uri());
            reports.push(self.report_of(&document, known.map(|one| one.value.as_str())).await);
            tokio::task::yield_now().await;
        }
        reports
    }

    async fn report_of(&self, document: &Arc<Document>, previous: Option<&str>) -> WorkspaceDocumentDiagnosticReport {
        let is_open = self.state.documents.get(document.uri()).is_some();
        let (uri, version) = (document.uri().clone(), is_open.then(|| i64::from(document.version())));
        let result_id = result_id(&self.state, document);
        if previous == Some(&result_id) {
            let unchanged_document_diagnostic_report = UnchangedDocumentDiagnosticReport { result_id };
            let report =
                WorkspaceUnchangedDocumentDiagnosticReport { uri, version, unchanged_document_diagnostic_report };
            return WorkspaceDocumentDiagnosticReport::Unchanged(report);
        }
        let items = judged(&self.state, document).await;
        let full_document_diagnostic_report = FullDocumentDiagnosticReport { result_id: Some(result_id), items };
        let report = WorkspaceFullDocumentDiagnosticReport { uri, version, full_document_diagnostic_report };
        WorkspaceDocumentDiagnosticReport::Full(report)
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
