//! `build`: from a Dockerfile to an image.

mod bases;
mod broken;
mod checks;
mod chroot;
mod image;
mod outputs;
mod ports;
mod request;
mod source;
mod stream;
mod survey;

use std::collections::BTreeMap;
use std::sync::Mutex;

use containr_copy::{CopyError, Verdict};
use containr_dockerfile::ignore;
use containr_graph::{Op, Origin, StepId, Tree};
use containr_oci::{ImageConfig, Reference, canonical};
use containr_plan::{Plan, TargetImage};
use containr_progress::{Cancel, Event, Progress, Stream};
use containr_sandbox::{Ids, Isolation};
use containr_solve::{LocalContext, SolveError, SolveOptions, Solver, StepError};
use containr_store::ImageRow;
use containr_tree::DigestCache;

pub use checks::settings as check_settings;
pub use request::{
    ArchiveForm, BuildReport, BuildRequest, CheckRemark, CompressionChoice, ContextSource, Destination, Explain,
    IsolationChoice, NoCache, Output, PullPolicy, Reproducible, StreamBytes, TextSource,
};
pub use source::read_dockerfile;

pub(crate) use chroot::refused as needs_namespaces;
pub use survey::{StepOutlook, StepRecord, SurveyRequest};

use self::image::StepLayer;
use self::outputs::Built;
use self::ports::Ports;
use self::source::{Directory, Dockerfile};
use crate::error::Context as _;
use crate::image::{Found, reference};
use crate::work::Work;
use crate::{BuildError, Engine, EngineError};

/// Said once by a build with a single id.
const ONE_ID: &str =
    "there is one user id only, so RUN steps see and leave 0:0 as the owner of every file; `containr doctor` says more";

impl Engine {
    /// Builds an image into the local store, names it and writes the outputs.
    ///
    /// # Errors
    /// A broken Dockerfile with all its problems, the step that failed, or whatever kept the result from leaving.
    pub fn build(
        &self,
        request: &BuildRequest,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<BuildReport, BuildError> {
        let built = self.built(request, progress, cancel);
        self.tell_damages(progress);
        built
    }

    fn built(
        &self,
        request: &BuildRequest,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<BuildReport, BuildError> {
        let _lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let names = request.tags.iter().map(|tag| reference(tag)).collect::<Result<Vec<Reference>, _>>()?;
        let mut sources = source::read(self, request)?;
        let work = Work { progress, cancel };
        if self.ids() == Ids::Single {
            progress.event(Event::Warning { task: None, text: ONE_ID.to_owned() });
        }
        checks::refuse(request, &sources.dockerfile)?;
        let (plan, epoch) = bases::plan(self, request, &sources, &work)?;
        if request.isolation == IsolationChoice::Chroot {
            chroot::check(request, &plan, &sources.dockerfile)?;
        }
        let locals = self.open_contexts(&plan, std::mem::take(&mut sources.locals))?;
        let layers = self
            .solve(request, &plan, (&locals, epoch, &sources.dockerfile.name), &work)
            .map_err(|error| failed_step(&sources.dockerfile, error))?;
        let target =
            plan.targets.first().ok_or_else(|| EngineError::Request("there is nothing to build".to_owned()))?;
        let found = self.assemble(target, &layers, epoch.or(plan.epoch))?;
        self.task(&work, "naming the image", |task| {
            self.name(request, &names, &found)?;
            let lines: String = names.iter().map(|name| format!("named {name}\n")).collect();
            let data = format!("image {}\n{lines}", found.row.config).into_bytes();
            progress.event(Event::Output { task: task.task, stream: Stream::Stdout, data });
            Ok(())
        })?;
        let built = Built { found: &found, names: &names };
        let manifest = outputs::write(self, request, &built, &work)?;
        Ok(BuildReport {
            config: found.row.config.to_string(),
            manifest,
            names: names.iter().map(ToString::to_string).collect(),
            checks: checks::told(request, &sources.dockerfile)?,
        })
    }

    /// Gives the solver the directories that the plan reads; the others are not even looked at.
    fn open_contexts(
        &self,
        plan: &Plan,
        mut locals: BTreeMap<String, Directory>,
    ) -> Result<BTreeMap<String, LocalContext>, EngineError> {
        let mut opened = BTreeMap::new();
        for step in plan.graph.steps() {
            let Op::Local(local) = &step.op else { continue };
            let Some(Directory { root, ignore: rules, cache }) = locals.remove(&local.name) else { continue };
            let digests = DigestCache::open(&cache, self.settings.now.into());
            let verdict = move |path: &containr_tree::TreePath| verdict(&rules, path.bytes());
            opened.insert(
                local.name.clone(),
                LocalContext { root, ignore: Box::new(verdict), digests: Mutex::new(digests) },
            );
        }
        Ok(opened)
    }

    fn solve(
        &self,
        request: &BuildRequest,
        plan: &Plan,
        (locals, epoch, scope): (&BTreeMap<String, LocalContext>, Option<i64>, &str),
        work: &Work<'_>,
    ) -> Result<BTreeMap<StepId, StepLayer>, SolveError> {
        let isolation = request.isolation.into();
        let clock = self.settings.clock;
        let ports = Ports { engine: self, progress: work.progress, isolation };
        let compress = request.outputs.iter().find(|output| output.form.has_layers()).map(|output| output.compression);
        let solver = Solver {
            store: &self.store,
            snapshots: &self.snapshots,
            runner: &ports,
            fetcher: &ports,
            contexts: locals,
            progress: work.progress,
            cancel: work.cancel,
            clock: &|| u64::try_from(clock()).unwrap_or(0) * 1000,
            options: SolveOptions {
                reproducible: epoch,
                fidelity: self.fidelity(isolation).to_owned(),
                threads: self.threads(),
                steps: self.threads(),
                explain: match request.explain {
                    Explain::Steps => containr_solve::Explain::Yes,
                    Explain::Quiet => containr_solve::Explain::No,
                },
                compress: compress.or(request.push).map(CompressionChoice::codec),
                scope: scope.to_owned(),
            },
        };
        let step = |tree| match tree {
            Tree::Scratch => None,
            Tree::Step(step) => Some(step),
        };
        let targets: Vec<StepId> = plan.targets.iter().filter_map(|target| step(target.tree)).collect();
        let chains = containr_solve::solve(&solver, &plan.graph, &targets)?;
        let layers = chains.iter().flat_map(|chain| chain.layers.iter());
        Ok(layers.map(|layer| (layer.step, StepLayer { diff_id: layer.diff_id, created: layer.created })).collect())
    }

    /// Returns what of this builder changes results.
    fn fidelity(&self, isolation: Isolation) -> &'static str {
        match (isolation, self.ids()) {
            (Isolation::Chroot, Ids::Single) => "chroot-single-id",
            (Isolation::Chroot, _) => "chroot",
            (Isolation::Namespaces, Ids::Single) => "single-id",
            (Isolation::Namespaces, _) => "full",
        }
    }

    /// Writes the config and returns the image.
    fn assemble(
        &self,
        target: &TargetImage,
        layers: &BTreeMap<StepId, StepLayer>,
        epoch: Option<i64>,
    ) -> Result<Found, EngineError> {
        let config: ImageConfig = image::config(target, layers, epoch);
        let id = self.store.put_blob(&canonical(&config)).context(|| "cannot keep the config".to_owned())?;
        let row = ImageRow {
            config: id,
            manifest: None,
            source: None,
            annotations: BTreeMap::new(),
            created: (self.settings.clock)(),
        };
        Ok(Found { name: None, row, config })
    }

    fn name(&self, request: &BuildRequest, names: &[Reference], found: &Found) -> Result<(), EngineError> {
        let row = ImageRow { annotations: request.annotations.iter().cloned().collect(), ..found.row.clone() };
        if names.is_empty() {
            return self.store.add_image(&row).context(|| "cannot keep the image".to_owned());
        }
        names.iter().try_for_each(|name| self.store.tag(name, &row).context(|| format!("cannot name {name}")))
    }
}

impl ArchiveForm {
    /// Returns whether the form holds compressed layers.
    fn has_layers(self) -> bool {
        matches!(self, Self::OciArchive | Self::OciDirectory | Self::DockerArchive)
    }
}

/// Asks the ignore rules about one path, as the walker needs the answer.
fn verdict(rules: &ignore::IgnoreRules, path: &[u8]) -> Verdict {
    match rules.verdict(path) {
        ignore::Verdict::Kept => Verdict::Kept,
        ignore::Verdict::Ignored if rules.may_contain_included(path) => Verdict::HiddenButOpen,
        ignore::Verdict::Ignored => Verdict::Hidden,
    }
}

fn failed_step(dockerfile: &Dockerfile, error: SolveError) -> BuildError {
    let SolveError { name: step, origin, cause, .. } = error;
    let span = match origin {
        Origin::Text { start, end } => Some((start, end)),
        Origin::Onbuild { .. } | Origin::Synthetic => None,
    };
    let text = dockerfile.parsed.text();
    let span = span.map(|span| word_in_question(text, span, &cause).unwrap_or(span));
    BuildError::Step {
        step,
        name: dockerfile.name.clone(),
        text: text.to_owned(),
        span,
        hint: None,
        cancelled: cause.is_cancelled(),
        source: cause,
    }
}

/// Returns the place of the one word of an instruction that the failure is about.
fn word_in_question(text: &str, (start, end): (u32, u32), cause: &StepError) -> Option<(u32, u32)> {
    let StepError::Copy(CopyError::Missing(missing)) = cause else { return None };
    let instruction = text.get(start as usize..end as usize)?;
    let is_edge = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | ','));
    let whole = |(at, word): &(usize, &str)| {
        is_edge(instruction[..*at].chars().next_back()) && is_edge(instruction[at + word.len()..].chars().next())
    };
    let (at, word) = instruction.match_indices(missing.written.as_str()).find(whole)?;
    let at = start + u32::try_from(at).ok()?;
    Some((at, at + u32::try_from(word.len()).ok()?))
}
