//! Go to definition, references, highlights: the places that name one thing.

use std::path::Path;

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Instruction, Kind, Source};
use tower_lsp_server::ls_types::{DocumentHighlight, DocumentHighlightKind, Location, Position, Range, Uri};

use crate::documents::Document;
use crate::model::{DefinitionKind, Scope};
use crate::session::path;
use crate::symbol::{Role, Symbol, instruction_at, opener};

/// Returns where the thing at a position is defined: a stage's name, the ARG or ENV that holds, the other end of a
/// heredoc, or the file that a COPY takes.
pub(crate) fn definition(document: &Document, position: Position, exists: &dyn Fn(&Path) -> bool) -> Vec<Location> {
    let offset = document.offset(position);
    let here = |span: Span| Location::new(document.uri().clone(), document.range(span));
    match Symbol::at(document, offset) {
        Some((Symbol::Variable(_), _)) => variable(document, offset).map(here).into_iter().collect(),
        Some((Symbol::Stage(stage), _)) => {
            let stage = &document.model().stages[stage];
            vec![here(stage.name.as_ref().map_or(stage.base.span, |name| name.span))]
        }
        Some((Symbol::Heredoc(heredoc), at)) if at == heredoc.end => vec![here(opener(document, heredoc))],
        Some((Symbol::Heredoc(heredoc), _)) => vec![here(heredoc.end)],
        Some((Symbol::Foreign(_), _)) => Vec::new(),
        None => source_file(document, offset, exists).into_iter().collect(),
    }
}

/// Returns the places that name the thing at a position.
pub(crate) fn references(document: &Document, position: Position, declaration: Declaration) -> Vec<Location> {
    let found = occurrences(document, position);
    let wanted = found.into_iter().filter(|(_, role)| declaration == Declaration::Included || *role == Role::Use);
    wanted.map(|(range, _)| Location::new(document.uri().clone(), range)).collect()
}

/// Says whether definitions are references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declaration {
    /// They are.
    Included,
    /// They are not.
    LeftOut,
}

/// Returns the places to mark while the cursor is on a name.
pub(crate) fn highlights(document: &Document, position: Position) -> Vec<DocumentHighlight> {
    let kind = |role| match role {
        Role::Definition => DocumentHighlightKind::WRITE,
        Role::Use => DocumentHighlightKind::READ,
    };
    let found = occurrences(document, position).into_iter();
    found.map(|(range, role)| DocumentHighlight { range, kind: Some(kind(role)) }).collect()
}

fn occurrences(document: &Document, position: Position) -> Vec<(Range, Role)> {
    let Some((symbol, _)) = Symbol::at(document, document.offset(position)) else { return Vec::new() };
    symbol.occurrences(document).into_iter().map(|one| (document.range(one.span), one.role)).collect()
}

/// Returns the definition that holds at a use; of a stage's ARG without a default the global one.
fn variable(document: &Document, offset: u32) -> Option<Span> {
    let model = document.model();
    let used = model.use_at(offset).and_then(|one| one.definition);
    let definition = &model.definitions[used.or_else(|| model.definition_at(offset))?];
    let is_passed_on = definition.kind == DefinitionKind::Arg && definition.written.is_none();
    let global = (is_passed_on && definition.scope != Scope::Global)
        .then(|| model.definition_of(&definition.name.value, None, u32::MAX))
        .flatten();
    let found = global.filter(|_| used.is_none()).map_or(definition, |global| &model.definitions[global]);
    Some(found.name.span)
}

fn source_file(document: &Document, offset: u32, exists: &dyn Fn(&Path) -> bool) -> Option<Location> {
    let sources = context_sources(instruction_at(document, offset)?);
    let (text, _) = sources.into_iter().find(|(_, span)| span.start <= offset && offset <= span.end)?;
    Some(Location::new(file_of(document, text, exists)?, Range::default()))
}

/// Returns the sources of a COPY or ADD that are paths of the build context, as written.
pub(crate) fn context_sources(instruction: &Instruction) -> Vec<(&str, Span)> {
    let sources = match &instruction.kind {
        Kind::Copy(copy) if copy.from.is_none() => &copy.sources,
        Kind::Add(add) => &add.sources,
        Kind::Onbuild(onbuild) => return context_sources(&onbuild.trigger),
        _ => return Vec::new(),
    };
    let paths = sources.iter().filter_map(|source| match source {
        Source::Path(path) if !path.value.is_empty() => Some((path.value.as_str(), path.span)),
        _ => None,
    });
    paths.filter(|(text, _)| !text.contains("://") && !text.contains(['$', '*', '?', '['])).collect()
}

/// Returns the name of the file that a source means, where the folder of the Dockerfile is the context and has it.
pub(crate) fn file_of(document: &Document, source: &str, exists: &dyn Fn(&Path) -> bool) -> Option<Uri> {
    let own = path(document.uri())?;
    let inside = Path::new(source.trim_start_matches('/'));
    if inside.components().any(|part| part == std::path::Component::ParentDir) {
        return None;
    }
    let file = own.parent()?.join(inside);
    exists(&file).then(|| Uri::from_file_path(&file)).flatten()
}
