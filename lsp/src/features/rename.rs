//! Rename: a stage with everything that refers to it, a variable with all of its definitions and uses, a heredoc.

use std::collections::HashMap;
use std::fmt;

use tower_lsp_server::ls_types::{Position, PrepareRenameResponse, TextEdit, WorkspaceEdit};

use crate::documents::Document;
use crate::model::Model;
use crate::symbol::{Symbol, spells_name};

/// Says why something cannot be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing with a name stands there.
    Nothing,
    /// The name is defined outside of the file.
    Foreign(String),
    /// The name is no name for the thing.
    Invalid {
        /// What it would be the name of.
        of: &'static str,
        /// The name.
        name: String,
    },
    /// Something else has the name.
    Taken(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("nothing here can be renamed"),
            Self::Foreign(name) => write!(formatter, "`{name}` is not defined in this file"),
            Self::Invalid { of, name } => write!(formatter, "`{name}` is no name for {of}"),
            Self::Taken(name) => write!(formatter, "`{name}` is the name of something else"),
        }
    }
}

/// Returns the place of the name that would be changed.
pub(crate) fn prepare(document: &Document, position: Position) -> Result<PrepareRenameResponse, Refusal> {
    let (symbol, span) = Symbol::at(document, document.offset(position)).ok_or(Refusal::Nothing)?;
    check(document, symbol)?;
    let is_number = matches!(symbol, Symbol::Stage(_)) && document.slice(span).parse::<usize>().is_ok();
    if is_number || document.slice(span).contains('$') {
        return Err(Refusal::Nothing);
    }
    let placeholder = document.slice(span).to_owned();
    Ok(PrepareRenameResponse::RangeWithPlaceholder { range: document.range(span), placeholder })
}

/// Returns the changes that give the thing at a position another name.
pub(crate) fn rename(document: &Document, position: Position, name: &str) -> Result<WorkspaceEdit, Refusal> {
    let (symbol, _) = Symbol::at(document, document.offset(position)).ok_or(Refusal::Nothing)?;
    check(document, symbol)?;
    allow(document.model(), symbol, name)?;
    let model = document.model();
    let numbered: Vec<_> = match symbol {
        Symbol::Stage(_) => model.references.iter().filter(|one| !spells_name(model, one)).collect(),
        _ => Vec::new(),
    };
    let occurrences = symbol.occurrences(document).into_iter();
    // A number or a variable that means the stage goes on meaning it.
    let spelled = occurrences.filter(|one| !numbered.iter().any(|reference| reference.name.span == one.span));
    let edits = spelled.map(|one| TextEdit::new(document.range(one.span), name.to_owned())).collect();
    let changes = HashMap::from([(document.uri().clone(), edits)]);
    Ok(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

fn check(document: &Document, symbol: Symbol<'_>) -> Result<(), Refusal> {
    match symbol {
        Symbol::Foreign(name) => Err(Refusal::Foreign(name.to_owned())),
        Symbol::Stage(stage) if document.model().stages[stage].name.is_none() => Err(Refusal::Nothing),
        _ => Ok(()),
    }
}

/// Refuses a name that the thing cannot have.
fn allow(model: &Model, symbol: Symbol<'_>, name: &str) -> Result<(), Refusal> {
    let invalid = |of| Err(Refusal::Invalid { of, name: name.to_owned() });
    let starts = |with: fn(char) -> bool| name.starts_with(with);
    match symbol {
        Symbol::Stage(stage) => {
            let rest = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
            let is_reserved = ["scratch", "context"].iter().any(|one| name.eq_ignore_ascii_case(one));
            if !starts(|char| char.is_ascii_alphabetic()) || !name.chars().all(rest) || is_reserved {
                return invalid("a stage");
            }
            let same = |own: &str| own.eq_ignore_ascii_case(name);
            let others = model.stages.iter().enumerate().filter(|(index, _)| *index != stage);
            let mut names = others.filter_map(|(_, stage)| stage.name.as_ref());
            if names.any(|other| same(&other.value)) { Err(Refusal::Taken(name.to_owned())) } else { Ok(()) }
        }
        Symbol::Variable(variable) => {
            let rest = |char: char| char.is_ascii_alphanumeric() || char == '_';
            if !starts(|char| char.is_ascii_alphabetic() || char == '_') || !name.chars().all(rest) {
                return invalid("a variable");
            }
            let taken = |one: &crate::model::Definition| one.name.value == name && one.variable != variable;
            if model.definitions.iter().any(taken) { Err(Refusal::Taken(name.to_owned())) } else { Ok(()) }
        }
        Symbol::Heredoc(_) => {
            let rest = |char: char| char.is_ascii_alphanumeric() || "_.-".contains(char);
            if name.is_empty() || !name.chars().all(rest) { invalid("a heredoc") } else { Ok(()) }
        }
        Symbol::Foreign(_) => Ok(()),
    }
}
