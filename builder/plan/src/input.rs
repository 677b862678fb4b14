//! What a plan is made from.

use std::collections::BTreeMap;

use containr_dockerfile::syntax::Dockerfile;
use containr_graph::{Limit, Network};
use containr_oci::{Digest, ImageConfig, Platform};

/// Everything that decides a plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    /// The syntax, without an error.
    pub dockerfile: &'a Dockerfile,
    /// The stages to build; `None` is the last one.
    pub targets: &'a [Option<String>],
    /// The platforms to build each target for.
    pub platforms: &'a [Platform],
    /// The platform that the builder runs on.
    pub build_platform: &'a Platform,
    /// `--build-arg` in order; one without a value counts as not given.
    pub build_args: &'a [(String, Option<String>)],
    /// The bases that are resolved by now.
    pub bases: &'a BTreeMap<BaseKey, ResolvedBase>,
    /// `--build-context` by name.
    pub contexts: &'a BTreeMap<String, NamedContext>,
    /// What each RUN gets.
    pub defaults: &'a RunDefaults,
    /// Which stages run again.
    pub no_cache: &'a NoCache,
    /// `--label`, which wins over LABEL.
    pub labels: &'a BTreeMap<String, String>,
}

/// Settings of the build that every RUN obeys unless it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunDefaults {
    /// `--network`.
    pub network: Network,
    /// The host name inside.
    pub hostname: Option<String>,
    /// `--shm-size` in bytes.
    pub shm_size: Option<u64>,
    /// `--ulimit` in order.
    pub limits: Vec<Limit>,
    /// `--add-host` as (name, address).
    pub add_hosts: Vec<(String, String)>,
    /// Variables that a RUN gets where the image sets none of that name, for example SOURCE_DATE_EPOCH.
    pub variables: Vec<(String, String)>,
}

impl Default for RunDefaults {
    fn default() -> Self {
        Self {
            network: Network::Default,
            hostname: None,
            shm_size: None,
            limits: Vec::new(),
            add_hosts: Vec::new(),
            variables: Vec::new(),
        }
    }
}

/// Names an image for one platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaseKey {
    /// The complete reference, as [`containr_oci::Reference`] prints it.
    pub reference: String,
    /// The platform.
    pub platform: Platform,
}

/// An image whose config was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedBase {
    /// The reference to pull it by.
    pub reference: String,
    /// The manifest, where there is one.
    pub manifest: Option<Digest>,
    /// The config's digest.
    pub config_digest: Digest,
    /// The config.
    pub config: ImageConfig,
}

/// What `--build-context NAME=` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedContext {
    /// A directory, which the engine knows by the context's name.
    Directory,
    /// An image: what follows `docker-image://`.
    Image(String),
    /// An OCI layout: what follows `oci-layout://`.
    Layout(String),
}

/// Which steps may not be taken from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCache {
    /// None.
    No,
    /// All of them.
    All,
    /// Those of the stages with these names, case aside.
    Stages(Vec<String>),
}

impl NoCache {
    /// Returns whether the steps of a stage run again.
    pub(crate) fn covers(&self, stage: Option<&str>) -> bool {
        match self {
            Self::No => false,
            Self::All => true,
            Self::Stages(names) => stage.is_some_and(|stage| names.iter().any(|name| name.eq_ignore_ascii_case(stage))),
        }
    }
}
