//! What a place in the text names: a stage, a variable or a heredoc, and every other place that names the same.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Heredoc, Instruction, Kind, Source};

use crate::documents::Document;
use crate::model::{Model, Reference};

/// Is a thing with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol<'a> {
    /// The stage with this number.
    Stage(usize),
    /// The variable with this number.
    Variable(usize),
    /// A variable that no line of the file defines.
    Foreign(&'a str),
    /// A heredoc.
    Heredoc(&'a Heredoc),
}

/// Says what a place does with the thing that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It makes it, or gives it another value.
    Definition,
    /// It uses it.
    Use,
}

/// Is a place that names a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// The name.
    pub(crate) span: Span,
    /// What it does.
    pub(crate) role: Role,
}

impl<'a> Symbol<'a> {
    /// Returns what is named at an offset and the place of that name.
    pub(crate) fn at(document: &'a Document, offset: u32) -> Option<(Self, Span)> {
        let model = document.model();
        let named = |(index, stage): (usize, &crate::model::StageInfo)| {
            let span = stage.name.as_ref()?.span;
            holds(span, offset).then_some((Self::Stage(index), span))
        };
        if let Some(found) = model.stages.iter().enumerate().find_map(named) {
            return Some(found);
        }
        if let Some(one) = model.use_at(offset).filter(|one| holds(one.whole, offset)) {
            let symbol = match one.definition {
                Some(definition) => Self::Variable(model.definitions[definition].variable),
                None => Self::Foreign(&one.name.value),
            };
            return Some((symbol, one.name.span));
        }
        if let Some(index) = model.definition_at(offset) {
            let definition = &model.definitions[index];
            return Some((Self::Variable(definition.variable), definition.name.span));
        }
        if let Some(reference) = model.reference_at(offset) {
            return Some((Self::Stage(reference.target?), reference.name.span));
        }
        heredoc(document, offset)
    }

    /// Returns every place that names the thing, in the order of the text.
    pub(crate) fn occurrences(self, document: &Document) -> Vec<Occurrence> {
        let model = document.model();
        let mut found = match self {
            Self::Stage(stage) => of_stage(model, stage),
            Self::Variable(variable) => of_variable(model, variable),
            Self::Foreign(name) => of_foreign(model, name),
            Self::Heredoc(heredoc) => of_heredoc(document, heredoc),
        };
        found.sort_by_key(|one| one.span);
        found.dedup_by_key(|one| one.span);
        found
    }
}

/// Tells whether a reference spells the name of the stage that it means, rather than a number or a variable.
pub(crate) fn spells_name(model: &Model, reference: &Reference) -> bool {
    let name = reference.target.and_then(|stage| model.stages[stage].name.as_ref());
    name.is_some_and(|name| name.value.eq_ignore_ascii_case(&reference.name.value))
}

fn of_stage(model: &Model, stage: usize) -> Vec<Occurrence> {
    let name = model.stages[stage].name.as_ref();
    let name = name.map(|name| Occurrence { span: name.span, role: Role::Definition });
    let references = model.references.iter().filter(|one| one.target == Some(stage));
    name.into_iter().chain(references.map(|one| Occurrence { span: one.name.span, role: Role::Use })).collect()
}

fn of_variable(model: &Model, variable: usize) -> Vec<Occurrence> {
    let is_it = |index: usize| model.definitions[index].variable == variable;
    let definitions = model.definitions.iter().filter(|one| one.variable == variable);
    let uses = model.uses.iter().filter(|one| one.definition.is_some_and(is_it));
    let definitions = definitions.map(|one| Occurrence { span: one.name.span, role: Role::Definition });
    definitions.chain(uses.map(|one| Occurrence { span: one.name.span, role: Role::Use })).collect()
}

fn of_foreign(model: &Model, name: &str) -> Vec<Occurrence> {
    let uses = model.uses.iter().filter(|one| one.definition.is_none() && one.name.value == name);
    uses.map(|one| Occurrence { span: one.name.span, role: Role::Use }).collect()
}

/// Returns the words that open a heredoc, several of which may share one body, and the one that ends it.
fn of_heredoc(document: &Document, heredoc: &Heredoc) -> Vec<Occurrence> {
    let all = instruction_at(document, heredoc.name.span.start).map(heredocs).unwrap_or_default();
    let same = all.into_iter().filter(|one| one.end == heredoc.end);
    let openers = same.map(|one| Occurrence { span: opener(document, one), role: Role::Definition });
    openers.chain([Occurrence { span: heredoc.end, role: Role::Use }]).collect()
}

/// Returns the instruction of a stage that begins last before an offset.
pub(crate) fn instruction_at(document: &Document, offset: u32) -> Option<&Instruction> {
    let stage = document.parsed().syntax().stages.get(document.model().stage_at(offset)?)?;
    let next = stage.instructions.partition_point(|one| one.span.start <= offset);
    Some(next.checked_sub(1).map_or(&stage.from, |index| &stage.instructions[index]))
}

fn heredoc(document: &Document, offset: u32) -> Option<(Symbol<'_>, Span)> {
    let mut places = heredocs(instruction_at(document, offset)?)
        .into_iter()
        .flat_map(|heredoc| [opener(document, heredoc), heredoc.end].map(|span| (Symbol::Heredoc(heredoc), span)));
    places.find(|(_, span)| holds(*span, offset))
}

/// Returns the heredocs of an instruction, or of the one that it keeps.
pub(crate) fn heredocs(instruction: &Instruction) -> Vec<&Heredoc> {
    let sources = match &instruction.kind {
        Kind::Run(run) => return run.heredocs.iter().collect(),
        Kind::Onbuild(onbuild) => return heredocs(&onbuild.trigger),
        Kind::Copy(copy) => &copy.sources,
        Kind::Add(add) => &add.sources,
        _ => return Vec::new(),
    };
    sources.iter().filter_map(|source| if let Source::Heredoc(one) = source { Some(one) } else { None }).collect()
}

/// Returns the place of a heredoc's word without `<<` and quotes.
pub(crate) fn opener(document: &Document, heredoc: &Heredoc) -> Span {
    let whole = document.slice(heredoc.name.span);
    let start = whole.find(&heredoc.name.value);
    start.map_or(heredoc.name.span, |start| {
        let start = heredoc.name.span.start + start as u32;
        Span::new(start, start + heredoc.name.value.len() as u32)
    })
}

fn holds(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}
