//! Carries out the instructions of one stage, one by one.

mod copy;
mod declarations;
mod defaults;
mod mounts;
mod name;
mod run;
mod workdir;

use containr_dockerfile::syntax::Kind;
use containr_dockerfile::{Span, Spanned};
use containr_graph::{CachePolicy, Graph, Op, Origin, Step, StepId};

use crate::onbuild::Todo;
use crate::scope::{Scope, undefined};
use crate::stages::{Link, Stages};
use crate::state::{State, States};
use crate::{Code, Diagnostic};
use name::Numbering;

/// Where a stage stands; what it can see.
#[derive(Clone, Copy)]
pub(crate) struct Site<'b, 'a> {
    pub(crate) scope: &'b Scope<'a>,
    pub(crate) stages: &'b Stages<'a>,
    /// The stages before it.
    pub(crate) states: &'b States,
    /// Its own position.
    pub(crate) index: usize,
}

/// What stages add to.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) graph: Graph,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A stage under construction.
pub(crate) struct Builder<'b, 'a> {
    site: Site<'b, 'a>,
    output: &'b mut Output,
    state: State,
    numbering: Numbering,
    /// Whether this stage has a CMD of its own, which an ENTRYPOINT then leaves alone.
    has_command: bool,
}

impl<'b, 'a> Builder<'b, 'a> {
    /// Begins a stage on its base.
    pub(crate) fn new(site: Site<'b, 'a>, todos: &[Todo<'_>], output: &'b mut Output) -> Self {
        let Site { scope, stages, states, index } = site;
        let link = &stages.links[index];
        let mut numbering = Numbering::new(scope, stages, index, todos);
        let name = numbering.base(scope, &link.base);
        let state = State::on(&link.base, scope, &mut output.graph, states, &name);
        Self { site, output, state, numbering, has_command: false }
    }

    /// Carries out one instruction; what is wrong with it is noted.
    pub(crate) fn apply(&mut self, todo: &Todo<'_>) {
        let instruction = &todo.instruction;
        let outcome = match &instruction.kind {
            Kind::Run(run) => self.run(todo, run),
            Kind::Copy(copy) => self.copy(todo, copy),
            Kind::Add(add) => self.add(todo, add),
            Kind::Workdir(path) => self.workdir(todo, path),
            Kind::Env(pairs) => self.env(todo, pairs),
            Kind::Label(pairs) => self.label(todo, pairs),
            Kind::Arg(declarations) => self.arg(todo, declarations),
            Kind::Cmd(command) => self.command(command),
            Kind::Entrypoint(command) => self.entrypoint(command),
            Kind::Shell(words) => self.shell(words),
            Kind::User(user) => self.user(todo, user),
            Kind::Expose(words) => self.expose(todo, words),
            Kind::Volume(words) => self.volume(todo, words),
            Kind::StopSignal(signal) => self.stop_signal(todo, signal),
            Kind::Healthcheck(check) => self.healthcheck(check),
            Kind::Maintainer(name) => self.maintainer(name),
            Kind::Onbuild(onbuild) => {
                self.state.config.config.on_build.push(onbuild.expression.clone());
                Ok(())
            }
            Kind::From(_) | Kind::Unknown => Ok(()),
        };
        if let Err(mut error) = outcome {
            error.span = todo.place(error.span);
            self.output.diagnostics.push(error);
        }
    }

    /// Returns what the stage has come to.
    pub(crate) fn finish(self) -> State {
        self.state
    }

    fn link(&self) -> &'b Link<'a> {
        &self.site.stages.links[self.site.index]
    }

    /// Expands a word with the stage's variables.
    fn expand(&mut self, todo: &Todo<'_>, word: &Spanned<String>) -> Result<String, Diagnostic> {
        self.expand_words(todo, word).map(|expanded| expanded.text)
    }

    /// Expands a word with the stage's variables and keeps it apart in words too.
    fn expand_words(
        &mut self,
        todo: &Todo<'_>,
        word: &Spanned<String>,
    ) -> Result<containr_dockerfile::expand::Expanded, Diagnostic> {
        let expanded = self.site.scope.expand(word, &self.state.variables)?;
        let place = todo.place(word.span);
        self.output.diagnostics.extend(undefined(place, &expanded.unset, &self.state.arguments, &self.state.variables));
        Ok(expanded)
    }

    /// Adds a step on top of the stage's tree.
    fn push(&mut self, todo: &Todo<'_>, op: Op, name: String) -> StepId {
        let origin = match &todo.trigger {
            Some(trigger) => Origin::Onbuild { image: trigger.image.clone(), text: trigger.text.clone() },
            None => Origin::Text { start: todo.instruction.span.start, end: todo.instruction.span.end },
        };
        let stage = self.link().stage.name.as_ref().map(|name| name.value.as_str());
        let cache = if self.site.scope.input.no_cache.covers(stage) { CachePolicy::Ignore } else { CachePolicy::Use };
        let (parent, platform) = (self.state.tree, self.state.platform.clone());
        let step = self.output.graph.push(Step { op, parent, platform, name, origin, cache });
        self.state.stack(step);
        step
    }
}

/// Returns an error for a value that its instruction cannot take.
fn invalid(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(span, Code::InvalidValue, message)
}

/// Returns an error for something that the builder cannot do yet.
fn unsupported(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(span, Code::NotSupported, format!("{what} is not supported yet"))
}
