//! What is agreed on with the client when it begins: its abilities and the folders that it works on.

use std::path::PathBuf;

use tower_lsp_server::ls_types::{ClientCapabilities, InitializeParams, MarkupKind, Uri, WorkspaceFolder};

use crate::positions::Encoding;

/// Is what the client said of itself; whatever it left out it cannot do.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// What columns count.
    pub encoding: Encoding,
    /// The capabilities as they were sent.
    pub capabilities: ClientCapabilities,
    /// The folders that it has open.
    pub folders: Vec<PathBuf>,
    /// The client's own name; empty where it does not say.
    pub client: String,
}

impl Session {
    /// Reads a client's introduction.
    pub fn new(params: &InitializeParams) -> Self {
        let capabilities = params.capabilities.clone();
        let general = capabilities.general.as_ref();
        let offered = general.and_then(|general| general.position_encodings.as_deref()).unwrap_or_default();
        let client = params.client_info.as_ref().map(|info| info.name.clone()).unwrap_or_default();
        Self { encoding: Encoding::negotiate(offered), folders: folders(params), capabilities, client }
    }

    /// Tells whether completions may hold snippets.
    pub fn has_snippets(&self) -> bool {
        let completion = self.capabilities.text_document.as_ref().and_then(|all| all.completion.as_ref());
        completion.and_then(|one| one.completion_item.as_ref()?.snippet_support).unwrap_or(false)
    }

    /// Tells whether hovers may be written in Markdown.
    pub fn has_markdown(&self) -> bool {
        let hover = self.capabilities.text_document.as_ref().and_then(|all| all.hover.as_ref());
        let formats = hover.and_then(|one| one.content_format.as_deref());
        formats.is_none_or(|formats| formats.contains(&MarkupKind::Markdown))
    }

    /// Tells whether symbols may be nested.
    pub fn has_symbol_trees(&self) -> bool {
        let symbols = self.capabilities.text_document.as_ref().and_then(|all| all.document_symbol.as_ref());
        symbols.and_then(|one| one.hierarchical_document_symbol_support).unwrap_or(false)
    }

    /// Tells whether the client can be asked for its settings.
    pub fn has_configuration(&self) -> bool {
        self.capabilities.workspace.as_ref().and_then(|all| all.configuration).unwrap_or(false)
    }

    /// Tells whether the client can be asked to watch files.
    pub fn watches_files(&self) -> bool {
        let watched = self.capabilities.workspace.as_ref().and_then(|all| all.did_change_watched_files.as_ref());
        watched.and_then(|one| one.dynamic_registration).unwrap_or(false)
    }

    /// Tells whether the client fetches diagnostics again when it is asked to.
    pub fn refreshes_diagnostics(&self) -> bool {
        let diagnostics = self.capabilities.workspace.as_ref().and_then(|all| all.diagnostics.as_ref());
        diagnostics.and_then(|one| one.refresh_support).unwrap_or(false)
    }

    /// Tells whether the client fetches diagnostics itself.
    pub fn pulls_diagnostics(&self) -> bool {
        self.capabilities.text_document.as_ref().is_some_and(|all| all.diagnostic.is_some())
    }
}

/// Returns the folder of a file's name, or of a folder's: its path when it has one.
pub(crate) fn path(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().as_str().eq_ignore_ascii_case("file");
    is_file.then(|| uri.to_file_path())?.map(std::borrow::Cow::into_owned)
}

fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let listed: Vec<PathBuf> = params.workspace_folders.iter().flatten().filter_map(folder).collect();
    if !listed.is_empty() {
        return listed;
    }
    #[expect(deprecated, reason = "older clients send nothing else")]
    let (uri, root) = (params.root_uri.as_ref(), params.root_path.as_ref());
    uri.and_then(path).or_else(|| root.filter(|root| root.starts_with('/')).map(PathBuf::from)).into_iter().collect()
}

/// Returns the path of a folder of the workspace.
pub(crate) fn folder(folder: &WorkspaceFolder) -> Option<PathBuf> {
    path(&folder.uri)
}
