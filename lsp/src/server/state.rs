//! What the server knows: the session, the open documents, the settings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use containr_lint::Config;
use tower_lsp_server::ls_types::Uri;

use crate::documents::Documents;
use crate::ports::Ports;
use crate::session::{Session, path};
use crate::settings::Settings;

/// Is what all handlers share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) ports: Ports,
    pub(crate) documents: Documents,
    pub(crate) shut_down: AtomicBool,
    /// The names of the documents that are being judged.
    pub(crate) judging: Mutex<BTreeSet<String>>,
    session: RwLock<Arc<Session>>,
    settings: RwLock<Arc<Settings>>,
    configs: Mutex<BTreeMap<String, Arc<Config>>>,
}

impl State {
    pub(crate) fn new(ports: Ports) -> Self {
        Self {
            ports,
            documents: Documents::default(),
            shut_down: AtomicBool::new(false),
            judging: Mutex::default(),
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

    /// Forgets the settings of the lint for a file.
    pub(crate) fn forget_config(&self, uri: &Uri) {
        self.configs().remove(uri.as_str());
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
