//! The way from input to plan: scope, links, reach, then stage by stage.

use std::collections::{BTreeMap, BTreeSet};

use containr_dockerfile::syntax::{Instruction, Kind};
use containr_dockerfile::{Severity, Span};
use containr_oci::Platform;

use crate::diagnostic::similar;
use crate::instruction::{Builder, Output, Site};
use crate::scope::Scope;
use crate::stages::{Reached, Stages};
use crate::state::{State, States};
use crate::{BaseKey, Code, Diagnostic, Need, Plan, PlanInput, Planned, TargetImage, arguments};

/// Plans all targets for all platforms.
///
/// Returns what is needed first, as long as a config is missing. Errors with everything that is wrong, in the order of
/// the text; the same input always gives the same plan.
pub fn plan(input: &PlanInput<'_>) -> Result<Planned, Vec<Diagnostic>> {
    let mut planning = Planning::default();
    let mut needs = BTreeMap::new();
    let mut prepared = Vec::new();
    for target in input.targets {
        for platform in input.platforms {
            let one = Prepared::new(*input, target.as_deref(), platform, &mut planning.output.diagnostics);
            merge_needs(&mut needs, &one);
            prepared.push(one);
        }
    }
    planning.refuse_errors()?;
    if !needs.is_empty() {
        return Ok(Planned::Needs(needs.into_values().collect()));
    }
    let mut targets = Vec::new();
    let mut epoch = None;
    for one in prepared.iter().flatten() {
        match arguments::epoch(&one.scope.given, &one.scope.globals) {
            Ok(found) => epoch = epoch.or(found),
            Err(error) => planning.output.diagnostics.push(error),
        }
        targets.push(planning.image(one));
    }
    planning.warn_of_unused(input);
    planning.refuse_errors()?;
    let Output { graph, mut diagnostics } = planning.output;
    diagnostics.sort();
    diagnostics.dedup();
    Ok(Planned::Ready(Plan { graph, targets, warnings: diagnostics, epoch }))
}

/// One target for one platform, with all that it needs known.
struct Prepared<'a> {
    scope: Scope<'a>,
    stages: Stages<'a>,
    reached: Reached<'a>,
    target: usize,
}

impl<'a> Prepared<'a> {
    fn new(
        input: PlanInput<'a>,
        target: Option<&str>,
        platform: &'a Platform,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let scope = Scope::new(input, platform, target, diagnostics);
        let stages = Stages::link(&scope, diagnostics);
        let target = stages.target(target).map_err(|error| diagnostics.push(error)).ok()?;
        stages.check(&scope, diagnostics);
        let reached = stages.reach(&scope, target, diagnostics);
        Some(Self { scope, stages, reached, target })
    }
}

impl Prepared<'_> {
    /// Returns whether the Dockerfile or a trigger of a base holds a word.
    fn mentions(&self, word: &str) -> bool {
        let triggers = self.reached.todos.values().flatten().map(|todo| todo.instruction.as_ref());
        self.scope.input.dockerfile.instructions().chain(triggers).any(|one| one.original.contains(word))
    }
}

fn merge_needs(needs: &mut BTreeMap<BaseKey, Need>, prepared: &Option<Prepared<'_>>) {
    for (key, need) in prepared.iter().flat_map(|one| &one.reached.needs) {
        needs.entry(key.clone()).or_insert_with(|| need.clone());
    }
}

/// What grows while targets are planned.
#[derive(Default)]
struct Planning {
    output: Output,
    declared: BTreeSet<String>,
    /// The stages that are planned, by platform and, where stages ask for its name, target.
    states: BTreeMap<(Platform, Option<usize>), States>,
}

impl Planning {
    /// Plans one target; stages that an earlier one needed too are taken from there.
    fn image(&mut self, one: &Prepared<'_>) -> TargetImage {
        let own = one.mentions("TARGETSTAGE").then_some(one.target);
        let states = self.states.entry((one.scope.platform.clone(), own)).or_default();
        for (index, todos) in &one.reached.todos {
            if states.contains_key(index) {
                continue;
            }
            self.declared.extend(declared(todos.iter().map(|todo| todo.instruction.as_ref())));
            let site = Site { scope: &one.scope, stages: &one.stages, states, index: *index };
            let mut builder = Builder::new(site, todos, &mut self.output);
            todos.iter().for_each(|todo| builder.apply(todo));
            let state = builder.finish();
            states.insert(*index, state);
        }
        finish(states[&one.target].clone(), one)
    }

    fn warn_of_unused(&mut self, input: &PlanInput<'_>) {
        self.declared.extend(declared(&input.dockerfile.global_args));
        for name in arguments::unused(&arguments::given(input), &self.declared) {
            let message = format!("build argument `{name}` is declared by no ARG");
            let similar = similar(name, self.declared.iter().map(String::as_str));
            let warning = Diagnostic::warning(Span::default(), Code::UnusedBuildArgument, message);
            self.output.diagnostics.push(warning.suggesting(similar));
        }
    }

    /// Ends with all errors, where there are any.
    fn refuse_errors(&self) -> Result<(), Vec<Diagnostic>> {
        let errors = self.output.diagnostics.iter().filter(|one| one.severity == Severity::Error);
        let errors = errors.cloned().collect::<BTreeSet<_>>();
        if errors.is_empty() { Ok(()) } else { Err(errors.into_iter().collect()) }
    }
}

/// Returns the names that ARG instructions declare.
fn declared<'i>(instructions: impl IntoIterator<Item = &'i Instruction>) -> impl Iterator<Item = String> {
    let declarations = instructions.into_iter().filter_map(|instruction| match &instruction.kind {
        Kind::Arg(declarations) => Some(declarations),
        _ => None,
    });
    declarations.flatten().map(|declaration| declaration.name.value.clone())
}

/// Makes the image of a target's last state.
fn finish(state: State, one: &Prepared<'_>) -> TargetImage {
    let State { tree, mut config, history, base, layers, .. } = state;
    let wanted = one.scope.platform;
    let same = config.os == wanted.os && config.architecture == wanted.architecture;
    config.os.clone_from(&wanted.os);
    config.architecture.clone_from(&wanted.architecture);
    if wanted.variant.is_some() || !same {
        config.variant.clone_from(&wanted.variant);
    }
    if wanted.os_version.is_some() || !same {
        config.os_version.clone_from(&wanted.os_version);
    }
    config.config.labels.extend(one.scope.input.labels.clone());
    TargetImage { tree, platform: wanted.clone(), config, history, base, layers }
}
