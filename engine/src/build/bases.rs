//! Makes the plan: asks the planner what it needs, finds those images, and asks again until it has all.

use std::collections::BTreeMap;

use containr_dockerfile::syntax::Dockerfile as Syntax;
use containr_oci::{Platform, Reference};
use containr_plan::{BaseKey, NamedContext, Need, Plan, PlanInput, Planned, ResolvedBase, RunDefaults};
use containr_progress::{Event, Outcome, TaskId, TaskInfo};

use super::source::{Dockerfile, Sources};
use super::{BuildRequest, NoCache, Reproducible};
use crate::work::Work;
use crate::{BuildError, Engine, EngineError, Problem};

/// What the plan is made from, beside the sources.
pub(super) struct Wanted {
    targets: Vec<Option<String>>,
    platforms: Vec<Platform>,
    native: Platform,
    no_cache: containr_plan::NoCache,
    labels: BTreeMap<String, String>,
    defaults: RunDefaults,
}

impl Wanted {
    /// Reads the request's words.
    pub(super) fn of(request: &BuildRequest) -> Result<Self, EngineError> {
        let native = Platform::native();
        let mut platforms = Vec::new();
        for text in &request.platforms {
            let platform: Platform =
                text.parse().map_err(|error: containr_oci::PlatformError| EngineError::Request(error.to_string()))?;
            platforms.push(platform);
        }
        if platforms.is_empty() {
            platforms.push(native.clone());
        }
        if platforms.len() > 1 {
            return Err(EngineError::Request("building for several platforms at once is not supported yet".to_owned()));
        }
        Ok(Self {
            targets: vec![request.target.clone()],
            platforms,
            native,
            no_cache: match &request.no_cache {
                NoCache::Nothing => containr_plan::NoCache::No,
                NoCache::Everything => containr_plan::NoCache::All,
                NoCache::Stages(stages) => containr_plan::NoCache::Stages(stages.clone()),
            },
            labels: request.labels.iter().cloned().collect(),
            defaults: RunDefaults {
                network: request.network,
                hostname: None,
                shm_size: request.shm_size,
                limits: request.limits.clone(),
                add_hosts: request.add_hosts.clone(),
                variables: Vec::new(),
            },
        })
    }
}

impl Wanted {
    /// Returns all that the planner is asked with.
    pub(super) fn input<'a>(
        &'a self,
        dockerfile: &'a Syntax,
        request: &'a BuildRequest,
        bases: &'a Bases,
        contexts: &'a BTreeMap<String, NamedContext>,
    ) -> PlanInput<'a> {
        PlanInput {
            dockerfile,
            targets: &self.targets,
            platforms: &self.platforms,
            build_platform: &self.native,
            build_args: &request.build_args,
            bases,
            contexts,
            defaults: &self.defaults,
            no_cache: &self.no_cache,
            labels: &self.labels,
        }
    }
}

/// Returns the plan with every base image resolved.
pub(super) fn plan(
    engine: &Engine,
    request: &BuildRequest,
    sources: &Sources,
    work: &Work<'_>,
) -> Result<(Plan, Option<i64>), BuildError> {
    let mut wanted = Wanted::of(request)?;
    let mut bases = BTreeMap::new();
    let mut plan = complete(engine, request, sources, work, (&wanted, &mut bases))?;
    let epoch = epoch(request, &plan);
    if let Some(epoch) = epoch {
        // Known only now, because it may be the base image's own time; steps see it as a variable.
        wanted.defaults.variables.push(("SOURCE_DATE_EPOCH".to_owned(), epoch.to_string()));
        plan = complete(engine, request, sources, work, (&wanted, &mut bases))?;
    }
    for warning in &plan.warnings {
        let line = sources.dockerfile.parsed.lines().line(warning.span.start);
        let text = format!("{} ({}:{line})", warning.message, sources.dockerfile.name);
        work.progress.event(Event::Warning { task: None, text });
    }
    Ok((plan, epoch))
}

/// Returns the epoch to which times are clamped.
fn epoch(request: &BuildRequest, plan: &Plan) -> Option<i64> {
    let base = || {
        plan.targets
            .iter()
            .find_map(|target| target.base.as_ref()?.config.created.as_deref().and_then(containr_oci::parse_rfc3339))
    };
    match request.reproducible {
        Reproducible::No => None,
        Reproducible::Epoch(epoch) => Some(epoch),
        Reproducible::Base => Some(plan.epoch.or_else(base).unwrap_or(0)),
    }
}

pub(super) type Bases = BTreeMap<BaseKey, ResolvedBase>;

fn complete(
    engine: &Engine,
    request: &BuildRequest,
    sources: &Sources,
    work: &Work<'_>,
    (wanted, bases): (&Wanted, &mut Bases),
) -> Result<Plan, BuildError> {
    loop {
        let input = wanted.input(sources.dockerfile.parsed.syntax(), request, bases, &sources.named);
        let planned = containr_plan::plan(&input).map_err(|problems| refused(&sources.dockerfile, &problems))?;
        match planned {
            Planned::Ready(plan) => return Ok(plan),
            Planned::Needs(needs) => {
                for need in needs {
                    let base = resolve(engine, request, work, &need)
                        .map_err(|error| unresolved(&sources.dockerfile, &need, error))?;
                    bases.insert(need.key, base);
                }
            }
        }
    }
}

fn refused(dockerfile: &Dockerfile, problems: &[containr_plan::Diagnostic]) -> BuildError {
    let problems = problems.iter().map(problem).collect();
    BuildError::Dockerfile { name: dockerfile.name.clone(), text: dockerfile.parsed.text().to_owned(), problems }
}

/// Returns what the planner says as it is shown.
pub(super) fn problem(told: &containr_plan::Diagnostic) -> Problem {
    Problem {
        span: (told.span.start, told.span.end),
        message: match &told.suggestion {
            Some(suggestion) => format!("{}; did you mean `{suggestion}`?", told.message),
            None => told.message.clone(),
        },
        warning: told.severity != containr_dockerfile::Severity::Error,
    }
}

fn unresolved(dockerfile: &Dockerfile, need: &Need, error: EngineError) -> BuildError {
    let hint = need.similar.as_ref().map(|stage| format!("there is a stage named `{stage}`"));
    BuildError::Step {
        step: format!("FROM {}", need.name),
        name: dockerfile.name.clone(),
        text: dockerfile.parsed.text().to_owned(),
        span: Some((need.span.start, need.span.end)),
        hint: hint.or_else(|| error.hint()),
        cancelled: matches!(error, EngineError::Cancelled),
        source: Box::new(error),
    }
}

/// Finds one image: in the store first, else at its registry.
fn resolve(engine: &Engine, request: &BuildRequest, work: &Work<'_>, need: &Need) -> Result<ResolvedBase, EngineError> {
    let name: Reference = crate::image::reference(&need.key.reference)?;
    let task = TaskId::next();
    let info = TaskInfo {
        id: task,
        digest: containr_oci::Digest::of(need.key.reference.as_bytes()).to_string(),
        name: format!("[internal] load metadata for {name}"),
        inputs: Vec::new(),
    };
    work.progress.event(Event::Added(info));
    work.progress.event(Event::Started(task));
    let result = engine.resolve_image(&name, &need.key.platform, request.pull, &work.task(task));
    let outcome = match &result {
        Ok(_) => Outcome::Done,
        Err(EngineError::Cancelled) => Outcome::Cancelled,
        Err(error) => Outcome::Failed(error.to_string()),
    };
    work.progress.event(Event::Finished(task, outcome));
    let found = result?;
    Ok(ResolvedBase {
        reference: need.key.reference.clone(),
        manifest: found.row.manifest.as_ref().map(|manifest| manifest.digest),
        config_digest: found.row.config,
        config: found.config,
    })
}
