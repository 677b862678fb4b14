//! The room's entry: settings once, then calls from any thread.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use containr_http::{Client, Options};
use containr_oci::{Reference, ReferenceError};

use crate::auth::challenge::Challenge;
use crate::auth::credential::Credential;
use crate::auth::files;
use crate::auth::token::Tokens;
use crate::context::Context;
use crate::error::RegistryError;
use crate::hosts::{Endpoint, HostTrust, Hosts, Purpose, RegistriesConf};
use crate::settings::Settings;

/// All registries, with one connection pool, one token cache and one configuration.
pub struct Registries {
    pub(crate) client: Client,
    pub(crate) settings: Settings,
    pub(crate) tokens: Tokens,
    hosts: Hosts,
    /// What each server asked for when it was first spoken to.
    challenges: Mutex<HashMap<String, Challenge>>,
    /// Credentials by host and repository; helpers are programs and not run for each request.
    credentials: Mutex<HashMap<(String, String), Option<Credential>>>,
}

impl fmt::Debug for Registries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registries").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Registries {
    /// Reads the configuration files; opens no connection and runs no helper.
    ///
    /// # Errors
    /// A configuration file cannot be read or has a wrong shape.
    pub fn new(settings: Settings) -> Result<Self, RegistryError> {
        let trust = Arc::new(HostTrust::new(settings.certificates.clone(), settings.insecure.clone()));
        let mut options = Options::new(&settings.user_agent, trust.clone(), settings.pace.clone());
        options.proxies = settings.proxies.clone();
        options.roots = settings.roots.clone();
        options.tries = settings.tries;
        options.idle_timeout = settings.idle_timeout;
        options.retry_after_most = settings.retry_after_most;
        let conf = RegistriesConf::read(&settings.registries_conf)?;
        Ok(Self {
            client: Client::new(options),
            hosts: Hosts { conf, toml_directories: settings.hosts_toml.clone(), trust },
            settings,
            tokens: Tokens::default(),
            challenges: Mutex::default(),
            credentials: Mutex::default(),
        })
    }

    /// Returns what a name that a user typed may mean, best first.
    ///
    /// A name without a registry goes through the aliases and the search list of registries.conf; without either it is
    /// Docker Hub's.
    ///
    /// # Errors
    /// The text is no reference.
    pub fn candidates(&self, text: &str) -> Result<Vec<Reference>, ReferenceError> {
        let plain: Reference = text.parse()?;
        let first = text.split(['/', '@']).next().unwrap_or(text);
        if text.contains('/') && (first == plain.registry() || first == "index.docker.io") {
            return Ok(vec![plain]);
        }
        let name_end = text.find(['@', ':']).unwrap_or(text.len());
        if let Some(full) = self.hosts.conf.alias(&text[..name_end]) {
            return Ok(vec![format!("{full}{}", &text[name_end..]).parse()?]);
        }
        let search = self.hosts.conf.search().iter();
        let found = search.map(|registry| format!("{registry}/{text}").parse()).collect::<Result<Vec<_>, _>>()?;
        Ok(if found.is_empty() { vec![plain] } else { found })
    }

    /// Returns the servers to ask, in order; never empty.
    pub(crate) fn endpoints(&self, reference: &Reference, purpose: Purpose) -> Result<Vec<Endpoint>, RegistryError> {
        self.hosts.endpoints(reference, purpose)
    }

    /// Does `work` with each server until one gives a result; the last one's error counts.
    pub(crate) fn first_of<T>(
        &self,
        reference: &Reference,
        purpose: Purpose,
        context: &Context<'_>,
        mut work: impl FnMut(&Endpoint) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let mut endpoints = self.endpoints(reference, purpose)?;
        let last = endpoints.pop().expect("the registry itself is always among the servers");
        for mirror in &endpoints {
            match work(mirror) {
                Err(error) if !error.is_final() => warn_of_mirror(context, mirror, &error),
                done => return done,
            }
        }
        work(&last)
    }

    pub(crate) fn challenge(&self, authority: &str) -> Option<Challenge> {
        self.challenges.lock().unwrap_or_else(PoisonError::into_inner).get(authority).cloned()
    }

    pub(crate) fn remember(&self, authority: String, challenge: Challenge) {
        self.challenges.lock().unwrap_or_else(PoisonError::into_inner).insert(authority, challenge);
    }

    /// Returns the credential for a repository, from this run's, the files or their helpers.
    pub(crate) fn credential(&self, host: &str, repository: &str) -> Result<Option<Credential>, RegistryError> {
        if let Some(given) = self.settings.credentials.get(host) {
            return Ok(Some(given.clone()));
        }
        let mut kept = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (host.to_owned(), repository.to_owned());
        if let Some(credential) = kept.get(&key) {
            return Ok(credential.clone());
        }
        let found = files::find(&self.settings.credential_files, &self.settings.helpers, host, repository)?;
        kept.insert(key, found.clone());
        Ok(found)
    }
}

pub(crate) fn warn_of_mirror(context: &Context<'_>, mirror: &Endpoint, error: &RegistryError) {
    // A mirror that lacks something is doing its work; the others are worth a line.
    if !matches!(error, RegistryError::NotFound { .. }) {
        context.warn(format!("mirror {} is passed over: {}", mirror.authority(), containr_http::why(error)));
    }
}
