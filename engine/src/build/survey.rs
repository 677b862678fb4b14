//! What a build of a Dockerfile would find, and how long its steps took last: looked up, never built.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use containr_graph::{Op, Origin, StepId, Tree};
use containr_oci::Platform;
use containr_plan::{Plan, PlanInput, Planned, ResolvedBase, RunDefaults};
use containr_progress::Cancel;
use containr_solve::{LocalContext, Outlook, Prospect, Survey};
use containr_tree::DigestCache;

use super::source::directory;
use super::verdict;
use crate::error::Context as _;
use crate::{EngineError, Records};

/// What is to be looked up.
#[derive(Debug, Clone, Copy)]
pub struct SurveyRequest<'a> {
    /// The path of the Dockerfile.
    pub dockerfile: &'a Path,
    /// Its text, which may differ from the file's.
    pub text: &'a [u8],
    /// The directory of the context.
    pub context: &'a Path,
}

/// What is known of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The first byte of the instruction.
    pub start: u32,
    /// Whether a build would find its result.
    pub outlook: StepOutlook,
    /// The bytes of the files that it added when it ran last.
    pub bytes: Option<u64>,
    /// The time that it took then, in milliseconds.
    pub duration_ms: Option<u64>,
}

/// Says whether a build would find a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutlook {
    /// It would.
    Hit,
    /// It would run the step.
    Miss,
    /// An earlier step decides it.
    Open,
}

impl Records {
    /// Looks up every instruction that a build of the last stage, without flags, would come to.
    ///
    /// Nothing is known of a text with errors, of one whose bases are not here, and of a context that was never built: its
    /// files would all have to be read.
    ///
    /// # Errors
    /// A store or a context that cannot be read, or the search was ended.
    pub fn survey(&self, request: &SurveyRequest<'_>, cancel: &Cancel) -> Result<Vec<StepRecord>, EngineError> {
        let parsed = containr_dockerfile::parse(request.text);
        let Some(plan) = self.known_plan(&parsed)? else { return Ok(Vec::new()) };
        let Some(contexts) = self.known_contexts(&plan, request)? else { return Ok(Vec::new()) };
        let targets: Vec<StepId> = plan
            .targets
            .iter()
            .filter_map(|target| match target.tree {
                Tree::Step(step) => Some(step),
                Tree::Scratch => None,
            })
            .collect();
        let scope = request.dockerfile.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        // Whether results of a build with one id or with all count is known only inside of its namespace.
        let fidelities: &[&str] = if self.settings.uid == 0 { &["full"] } else { &["full", "single-id"] };
        let mut best: Vec<Prospect> = Vec::new();
        for fidelity in fidelities {
            let survey = Survey { store: &self.store, contexts: &contexts, fidelity, scope: &scope, cancel };
            let found = survey.prospects(&plan.graph, &targets);
            let found = found.context(|| format!("cannot look up the steps of {scope}"))?;
            if best.is_empty() || hits(&found) > hits(&best) {
                best = found;
            }
        }
        Ok(best.iter().filter_map(|prospect| record(&plan, prospect)).collect())
    }

    /// Returns the plan, where the text has no error and every base is here.
    fn known_plan(&self, parsed: &containr_dockerfile::Parsed) -> Result<Option<Plan>, EngineError> {
        if parsed.has_errors() {
            return Ok(None);
        }
        let (native, mut bases) = (Platform::native(), BTreeMap::new());
        loop {
            let input = PlanInput {
                dockerfile: parsed.syntax(),
                targets: &[None],
                platforms: std::slice::from_ref(&native),
                build_platform: &native,
                build_args: &[],
                bases: &bases,
                contexts: &BTreeMap::new(),
                defaults: &RunDefaults::default(),
                no_cache: &containr_plan::NoCache::No,
                labels: &BTreeMap::new(),
            };
            let needs = match containr_plan::plan(&input) {
                Ok(Planned::Ready(plan)) => return Ok(Some(plan)),
                Ok(Planned::Needs(needs)) => needs,
                Err(_) => return Ok(None),
            };
            for need in needs {
                let Some(base) = self.known_base(&need.key.reference, &need.key.platform)? else { return Ok(None) };
                bases.insert(need.key, base);
            }
        }
    }

    fn known_base(&self, reference: &str, platform: &Platform) -> Result<Option<ResolvedBase>, EngineError> {
        let name = crate::image::reference(reference)?;
        let Some(row) = self.store.image(&name).context(|| format!("cannot look up {name}"))? else { return Ok(None) };
        let config = self.config(&row)?.filter(|config| platform.accepts(&config.platform()));
        Ok(config.map(|config| ResolvedBase {
            reference: reference.to_owned(),
            manifest: row.manifest.as_ref().map(|manifest| manifest.digest),
            config_digest: row.config,
            config,
        }))
    }

    /// Opens the contexts that the plan reads; nothing where one was never read by a build.
    fn known_contexts(
        &self,
        plan: &Plan,
        request: &SurveyRequest<'_>,
    ) -> Result<Option<BTreeMap<String, LocalContext>>, EngineError> {
        let mut opened = BTreeMap::new();
        for step in plan.graph.steps() {
            let Op::Local(local) = &step.op else { continue };
            let found = directory(self, request.context, Some(request.dockerfile))?;
            if !found.cache.exists() {
                return Ok(None);
            }
            let digests = DigestCache::open(&found.cache, self.settings.now.into());
            let rules = found.ignore;
            let ignore = move |path: &containr_tree::TreePath| verdict(&rules, path.bytes());
            let context = LocalContext { root: found.root, ignore: Box::new(ignore), digests: Mutex::new(digests) };
            opened.insert(local.name.clone(), context);
        }
        Ok(Some(opened))
    }
}

fn hits(found: &[Prospect]) -> usize {
    found.iter().filter(|prospect| prospect.outlook == Outlook::Hit).count()
}

fn record(plan: &Plan, prospect: &Prospect) -> Option<StepRecord> {
    let Origin::Text { start, .. } = plan.graph.step(prospect.step).origin else { return None };
    let outlook = match prospect.outlook {
        Outlook::Hit => StepOutlook::Hit,
        Outlook::Miss => StepOutlook::Miss,
        Outlook::Open => StepOutlook::Open,
    };
    let (bytes, duration_ms) = match &prospect.row {
        Some(row) => (Some(row.bytes), Some(row.duration_ms)),
        None => (None, None),
    };
    Some(StepRecord { start, outlook, bytes, duration_ms })
}
