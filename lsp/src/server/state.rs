//! What the server knows: the session, the open documents, the settings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use containr_lint::Config;
use tower_lsp_server::ls_types::{SemanticToken, Uri, WorkspaceFolder};

use super::worker::Worker;
use crate::documents::Documents;
use crate::ports::Ports;
use crate::session::{Session, folder, path};
use crate::settings::Settings;

/// Is what all handlers share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) ports: Ports,
    pub(crate) documents: Documents,
    /// Whether the client has introduced itself.
    pub(crate) is_greeted: AtomicBool,
    pub(crate) shut_down: AtomicBool,
    /// Judges long documents.
    pub(crate) worker: Worker,
    /// The names of the documents that are being judged.
    pub(crate) judging: Mutex<BTreeSet<String>>,
    /// The tokens that were sent last for each document, with their number.
    tokens: Mutex<BTreeMap<String, (u64, Vec<SemanticToken>)>>,
    session: RwLock<Arc<Session>>,
    settings: RwLock<Arc<Settings>>,
    configs: Mutex<BTreeMap<String, Arc<Config>>>,
}

impl State {
    pub(crate) fn new(ports: Ports) -> Self {
        Self {
            ports,
            documents: Documents::default(),
            is_greeted: AtomicBool::new(false),
            shut_down: AtomicBool::new(false),
            worker: Worker::default(),
            judging: Mutex::default(),
            tokens: Mutex::default(),
            session: RwLock::default(),
            settings: RwLock::default(),
            configs: Mutex::default(),
        }
    }

    /// Keeps what was agreed on with the client.
    pub(crate) fn begin(&self, session: Session) {
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(session);
    }

    /// Returns what was agreed on with the client.
    pub(crate) fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that the client has opened and closed folders.
    pub(crate) fn change_folders(&self, added: &[WorkspaceFolder], removed: &[WorkspaceFolder]) {
        let mut session = Session::clone(&self.session());
        let gone: Vec<_> = removed.iter().filter_map(folder).collect();
        session.folders.retain(|folder| !gone.contains(folder));
        let new: Vec<_> = added.iter().filter_map(folder).filter(|one| !session.folders.contains(one)).collect();
        session.folders.extend(new);
        self.begin(session);
    }

    /// Returns the client's settings.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps the client's settings.
    pub(crate) fn set_settings(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        self.forget_configs();
    }

    /// Returns the settings of the lint for a file; they are read once until something changes.
    pub(crate) fn config(&self, uri: &Uri) -> Arc<Config> {
        let known = self.configs().get(uri.as_str()).cloned();
        known.unwrap_or_else(|| {
            let files = self.ports.workspace.as_ref().zip(path(uri)).map(|(port, path)| port.lint(&path));
            let config = Arc::new(self.settings().lint_config(files.unwrap_or_default()));
            self.configs().insert(uri.as_str().to_owned(), Arc::clone(&config));
            config
        })
    }

    /// Forgets what is kept of a file.
    pub(crate) fn forget(&self, uri: &Uri) {
        self.documents.close(uri);
        self.configs().remove(uri.as_str());
        self.tokens().remove(uri.as_str());
    }

    /// Keeps the tokens that are about to be sent; returns the name of this result, and the old tokens when their name
    /// is `previous`.
    pub(crate) fn keep_tokens(
        &self,
        uri: &Uri,
        tokens: Vec<SemanticToken>,
        previous: Option<&str>,
    ) -> (String, Option<Vec<SemanticToken>>) {
        let mut all = self.tokens();
        let (number, old) = all.remove(uri.as_str()).unwrap_or_default();
        all.insert(uri.as_str().to_owned(), (number + 1, tokens));
        let is_known = number > 0 && previous.is_some_and(|previous| previous == number.to_string());
        ((number + 1).to_string(), is_known.then_some(old))
    }

    fn tokens(&self) -> MutexGuard<'_, BTreeMap<String, (u64, Vec<SemanticToken>)>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the settings of the lint for all files.
    pub(crate) fn forget_configs(&self) {
        // Who judges a document now notices that the settings are others.
        let settings = Settings::clone(&self.settings());
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        self.configs().clear();
    }

    fn configs(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Config>>> {
        self.configs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
