//! The index of a file: its stages, the variables that it defines and uses, and what refers to which stage.

mod references;
mod scan;
mod variables;

use std::collections::BTreeMap;

use containr_dockerfile::syntax::Instruction;
use containr_dockerfile::{Parsed, Span, Spanned};
use containr_lint::Stages;

use crate::tokens::Token;

/// Is the index of a file; every list is in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The stages; a stage's place in the list is its number.
    pub stages: Vec<StageInfo>,
    /// The ARG and ENV definitions.
    pub definitions: Vec<Definition>,
    /// The uses of variables, `$X` and `${X...}`.
    pub uses: Vec<Use>,
    /// The places that name a stage or could.
    pub references: Vec<Reference>,
    by_name: BTreeMap<String, Vec<usize>>,
}

/// Is a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageInfo {
    /// The name after AS in lower case.
    pub name: Option<Spanned<String>>,
    /// The base as written.
    pub base: Spanned<String>,
    /// The base with the global arguments filled in, where that is possible.
    pub base_value: Option<String>,
    /// The number of the earlier stage that it continues.
    pub parent: Option<usize>,
    /// From FROM to the end of the last instruction.
    pub span: Span,
    /// The FROM instruction.
    pub from: Span,
}

/// Says where a definition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Before the first FROM.
    Global,
    /// In the stage with this number and in those that continue it.
    Stage(usize),
}

/// Says what defines a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefinitionKind {
    /// A build argument.
    Arg,
    /// An environment variable.
    Env,
}

/// Is a name that ARG or ENV defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name.
    pub name: Spanned<String>,
    /// What defines it.
    pub kind: DefinitionKind,
    /// Where it holds.
    pub scope: Scope,
    /// The instruction.
    pub instruction: Span,
    /// The value or default as written.
    pub written: Option<Spanned<String>>,
    /// The value after it with every variable filled in, where it is known without looking at images or arguments.
    pub value: Option<String>,
    /// The variable that it is a definition of: definitions with equal numbers are renamed together.
    pub variable: usize,
}

/// Says who expands a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UseSite {
    /// The builder.
    Argument,
    /// A shell, in the build or in the container.
    Shell,
}

/// Is a use of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The name, at its place behind `$` or `${`.
    pub name: Spanned<String>,
    /// From `$` to the name's end, or to the closing brace.
    pub whole: Span,
    /// Who expands it.
    pub site: UseSite,
    /// Where it stands.
    pub scope: Scope,
    /// The definition that holds there; `None` for what an image or the builder defines, or a shell.
    pub definition: Option<usize>,
}

/// Says how a stage is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// As the base in FROM.
    Base,
    /// In `COPY --from`.
    CopyFrom,
    /// In `RUN --mount=from=`.
    MountFrom,
}

/// Is a place that names a stage, an image or a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name as written.
    pub name: Spanned<String>,
    /// How it is referred to.
    pub kind: ReferenceKind,
    /// The stage in which it stands.
    pub stage: usize,
    /// The number of the stage that is meant; `None` for an image, a context or what no one knows.
    pub target: Option<usize>,
}

/// Is a variable that can be used at some place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible<'a> {
    /// The name.
    pub name: &'a str,
    /// The definition that holds.
    pub definition: &'a Definition,
}

impl Model {
    /// Reads the index of a file; `tokens` are those of its tree.
    pub(crate) fn new(parsed: &Parsed, tokens: &[Token]) -> Self {
        let stages = Stages::new(parsed);
        let mut model = Self { stages: stage_list(parsed, &stages), ..Self::default() };
        model.define(variables::definitions(parsed, &stages));
        variables::group(&mut model);
        model.references = references::references(parsed, &model.stages);
        model.uses = scan::uses(parsed, tokens, &model);
        model
    }

    fn define(&mut self, definitions: Vec<Definition>) {
        for (index, definition) in definitions.iter().enumerate() {
            self.by_name.entry(definition.name.value.clone()).or_default().push(index);
        }
        self.definitions = definitions;
    }

    /// Returns the number of the stage at an offset: the last one whose FROM begins at or before it.
    pub fn stage_at(&self, offset: u32) -> Option<usize> {
        self.stages.partition_point(|stage| stage.span.start <= offset).checked_sub(1)
    }

    /// Returns a stage and those that it continues, the nearest first.
    pub fn chain(&self, stage: usize) -> impl Iterator<Item = usize> {
        // A parent always stands before its child, hence there is an end.
        std::iter::successors(Some(stage), |stage| self.stages.get(*stage)?.parent)
    }

    /// Returns the number of the stage with a name, or with a number as `--from` takes it, among those before `limit`.
    ///
    /// Of several with one name it is the last.
    pub fn stage_named(&self, name: &str, limit: usize) -> Option<usize> {
        let earlier = &self.stages[..limit.min(self.stages.len())];
        let named = |stage: &StageInfo| stage.name.as_ref().is_some_and(|own| own.value.eq_ignore_ascii_case(name));
        earlier.iter().rposition(named)
    }

    /// Returns the definition of a name that holds at an offset of the stage with this number.
    pub fn definition_of(&self, name: &str, stage: Option<usize>, offset: u32) -> Option<usize> {
        let same = self.by_name.get(name)?;
        let last = |scope: Scope, before: u32| {
            let holds = |index: &&usize| {
                let one = &self.definitions[**index];
                one.scope == scope && one.instruction.end <= before
            };
            same.iter().rev().find(holds).copied()
        };
        let Some(stage) = stage.filter(|stage| self.stages[*stage].from.end < offset) else {
            return last(Scope::Global, offset);
        };
        let mut before = offset;
        self.chain(stage).find_map(|stage| {
            let found = last(Scope::Stage(stage), before);
            before = u32::MAX;
            found
        })
    }

    /// Returns the variables that are defined at an offset, by name, each once.
    ///
    /// In a FROM and before the first one these are the global arguments. What images and the builder itself define
    /// is not among them.
    pub fn visible_at(&self, offset: u32) -> Vec<Visible<'_>> {
        let stage = self.stage_at(offset).filter(|stage| self.stages[*stage].from.end < offset);
        let mut found: Vec<Visible<'_>> = Vec::new();
        let mut take = |scope: Scope, before: u32| {
            let end = self.definitions.partition_point(|one| one.instruction.end <= before);
            let here = self.definitions[..end].iter().rev().filter(|one| one.scope == scope);
            found.extend(here.map(|definition| Visible { name: &definition.name.value, definition }));
        };
        match stage {
            None => take(Scope::Global, offset),
            Some(stage) => {
                let mut before = offset;
                for stage in self.chain(stage) {
                    take(Scope::Stage(stage), before);
                    before = u32::MAX;
                }
            }
        }
        // The sort is stable: of several definitions the one that holds comes first.
        found.sort_by_key(|one| one.name);
        found.dedup_by_key(|one| one.name);
        found
    }

    /// Returns the use whose text holds an offset, its end included.
    pub fn use_at(&self, offset: u32) -> Option<&Use> {
        let before = self.uses.partition_point(|one| one.whole.start <= offset);
        let candidates = self.uses[..before].iter().rev().take(32);
        candidates.filter(|one| offset <= one.whole.end).min_by_key(|one| one.whole.len())
    }

    /// Returns the number of the definition whose name holds an offset, its end included.
    pub fn definition_at(&self, offset: u32) -> Option<usize> {
        self.definitions.iter().position(|one| one.name.span.start <= offset && offset <= one.name.span.end)
    }

    /// Returns the reference whose text holds an offset, its end included.
    pub fn reference_at(&self, offset: u32) -> Option<&Reference> {
        self.references.iter().find(|one| one.name.span.start <= offset && offset <= one.name.span.end)
    }
}

fn stage_list(parsed: &Parsed, stages: &Stages<'_>) -> Vec<StageInfo> {
    let all = parsed.syntax().stages.iter().zip(&stages.parents);
    all.map(|(stage, parent)| StageInfo {
        name: stage.name.clone(),
        base: stage.base.clone(),
        base_value: stages.expand_global(&stage.base.value).ok().map(|base| base.text),
        parent: *parent,
        span: stage.span,
        from: stage.from.span,
    })
    .collect()
}

/// Returns every instruction with its stage.
fn instructions(parsed: &Parsed) -> impl Iterator<Item = (Option<usize>, &Instruction)> {
    let syntax = parsed.syntax();
    let head = syntax.global_args.iter().map(|one| (None, one));
    let stages = syntax.stages.iter().enumerate().flat_map(|(index, stage)| {
        std::iter::once(&stage.from).chain(&stage.instructions).map(move |one| (Some(index), one))
    });
    head.chain(stages)
}

#[cfg(test)]
mod tests;
