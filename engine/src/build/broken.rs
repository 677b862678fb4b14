//! A Dockerfile with syntax errors: told all at once, together with what the planner finds in the rest of it.

use std::collections::BTreeMap;

use containr_dockerfile::syntax::{Instruction, Kind};
use containr_dockerfile::{Diagnostic, Parsed, Severity, Span};

use super::BuildRequest;
use super::bases::{Bases, Wanted, problem};
use crate::{BuildError, Problem};

/// Instructions that no other instruction's meaning hangs on: the rest can be judged without them.
const SEPARATE: [&str; 15] = [
    "ADD",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Refuses a Dockerfile with syntax errors.
pub(super) fn refuse(name: &str, parsed: &Parsed, request: &BuildRequest) -> Result<(), BuildError> {
    if !parsed.has_errors() {
        return Ok(());
    }
    let errors: Vec<&Diagnostic> = errors(parsed).collect();
    let mut problems: Vec<Problem> = errors.iter().map(|error| shown(error)).collect();
    if errors.iter().all(|error| is_separate(parsed, error)) {
        problems.extend(planned(parsed, request));
        problems.sort_by_key(|problem| problem.span);
    }
    Err(BuildError::Dockerfile { name: name.to_owned(), text: parsed.text().to_owned(), problems })
}

fn errors(parsed: &Parsed) -> impl Iterator<Item = &Diagnostic> {
    parsed.diagnostics().iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
}

fn shown(error: &Diagnostic) -> Problem {
    Problem { span: (error.span.start, error.span.end), message: error.message.clone(), warning: false }
}

/// Returns whether an error lies in an instruction without which the others still mean what they mean.
fn is_separate(parsed: &Parsed, error: &Diagnostic) -> bool {
    let around = |one: &&Instruction| one.span.start <= error.span.start && error.span.end <= one.span.end;
    let Some(broken) = parsed.syntax().instructions().find(around) else { return false };
    let meant = error.suggestion.as_ref().filter(|_| error.span == broken.keyword.span);
    let keyword = meant.unwrap_or(&broken.keyword.value).to_uppercase();
    matches!(broken.kind, Kind::Unknown) && SEPARATE.contains(&keyword.as_str())
}

/// Returns what the planner says of the instructions that could be read; images are not looked up for it.
fn planned(parsed: &Parsed, request: &BuildRequest) -> Vec<Problem> {
    let (bases, contexts) = (Bases::new(), BTreeMap::new());
    // Named contexts give names other meanings, and they are not read for a file that is refused anyway.
    let Some(wanted) = Wanted::of(request).ok().filter(|_| request.contexts.is_empty()) else { return Vec::new() };
    let told =
        containr_plan::plan(&wanted.input(parsed.syntax(), request, &bases, &contexts)).err().unwrap_or_default();
    // What is not about a place of the text may come from what is missing in it.
    told.iter().filter(|one| one.span != Span::default()).map(problem).collect()
}
