//! What the user sees when something fails: four parts (what, causes, excerpt, hint) and an exit code.

use std::error::Error;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use containr_engine::{BuildError, EngineError};

use crate::output_hint::output_hint;
use crate::read::BadFlag;
use crate::show::Tail;

/// The exit codes of containr itself; `run` passes on the container's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Success = 0,
    /// The work failed: a step, a registry, a disk.
    Failure = 1,
    /// The request itself cannot be served: bad arguments, a broken Dockerfile, something not supported yet.
    Request = 2,
    /// `run` could not start the container at all, as docker's 125.
    NotStarted = 125,
    /// The command of `run` is in the image but cannot be executed.
    NotExecutable = 126,
    /// The command of `run` is not in the image.
    NotFound = 127,
    /// Interrupted by a signal.
    Interrupted = 130,
}

/// An error ready to be shown.
#[derive(Debug)]
pub(crate) struct Failure {
    /// All lines but the hint.
    pub(crate) text: String,
    /// The way out, where one is known.
    pub(crate) hint: Option<String>,
    /// The exit code.
    pub(crate) exit: Exit,
}

impl Failure {
    /// Returns a failure of one line.
    pub(crate) fn new(text: impl Into<String>, exit: Exit) -> Self {
        Self { text: format!("error: {}", text.into()), hint: None, exit }
    }

    /// Returns the answer of a command or flag that does not exist yet.
    pub(crate) fn not_supported(what: &str) -> Self {
        Self::new(format!("{what} is not supported yet"), Exit::Request)
    }

    /// Adds the way out.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the lines to print, with a line end.
    pub(crate) fn render(&self) -> String {
        let mut out = self.text.trim_end().to_owned();
        out.push('\n');
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "hint: {hint}");
        }
        out
    }
}

impl From<BadFlag> for Failure {
    fn from(BadFlag(text): BadFlag) -> Self {
        Self::new(text, Exit::Request)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let exit = match &error {
            EngineError::Cancelled => Exit::Interrupted,
            EngineError::Request(_) | EngineError::Refused { .. } => Exit::Request,
            _ => Exit::Failure,
        };
        let hint = error.hint();
        Self { text: chain(&error), hint, exit }
    }
}

/// Returns an error and its causes, one a line.
fn chain(error: &dyn Error) -> String {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, "\n  caused by: {error}");
        cause = error.source();
    }
    text
}

impl Failure {
    /// Returns a failed build with the last output of the step and the part of the Dockerfile that it is about.
    pub(crate) fn of_build(error: &BuildError, tail: &Tail, colour: bool) -> Self {
        match error {
            BuildError::Dockerfile { name, text, problems } => {
                let parts: Vec<String> = problems.iter().map(|problem| excerpt(name, text, problem, colour)).collect();
                Self { text: parts.join("\n"), hint: None, exit: Exit::Request }
            }
            // Where it was when the user ended it is of no use to the user.
            error if error.is_cancelled() => Self::new("cancelled", Exit::Interrupted),
            BuildError::Step { name, text, span, .. } => {
                let mut lines = chain(error);
                lines.push_str(&tail.shown());
                if let Some(span) = span {
                    let problem =
                        containr_engine::Problem { span: *span, message: "this step failed".to_owned(), warning: true };
                    lines = format!("{lines}\n{}", body_of_excerpt(name, text, &problem, colour));
                }
                Self {
                    text: lines,
                    hint: error.hint().or_else(|| output_hint(error.exit_code(), tail.lines())),
                    exit: if error.is_refused() { Exit::Request } else { Exit::Failure },
                }
            }
            BuildError::Engine(error) => {
                let exit = match error {
                    EngineError::Cancelled => Exit::Interrupted,
                    EngineError::Request(_) | EngineError::Refused { .. } => Exit::Request,
                    _ => Exit::Failure,
                };
                Self { text: chain(error), hint: error.hint(), exit }
            }
        }
    }
}

/// Returns one problem with its line of the Dockerfile and a caret.
pub(crate) fn excerpt(name: &str, text: &str, problem: &containr_engine::Problem, colour: bool) -> String {
    let level = if problem.warning { Level::WARNING } else { Level::ERROR };
    let (start, end) = range(text, problem.span);
    let snippet = Snippet::source(text).path(name).annotation(AnnotationKind::Primary.span(start..end));
    render(&[level.primary_title(&problem.message).element(snippet)], colour)
}

fn body_of_excerpt(name: &str, text: &str, problem: &containr_engine::Problem, colour: bool) -> String {
    let shown = excerpt(name, text, problem, colour);
    // The title is said by the error itself already.
    shown.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

fn render(groups: &[annotate_snippets::Group<'_>], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(groups)
}

/// Returns a range that lies inside the text on character borders and covers one line at most.
fn range(text: &str, (start, end): (u32, u32)) -> (usize, usize) {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(start as usize);
    let end = floor(end as usize).max(start);
    let line_end = text[start..end].find('\n').map_or(end, |at| start + at);
    (start, line_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_points_at_the_character() {
        let problem =
            containr_engine::Problem { span: (13, 16), message: "unknown instruction".to_owned(), warning: false };
        let shown = excerpt("Dockerfile", "FROM scratch\nRNU true\n", &problem, false);
        assert!(shown.starts_with("error: unknown instruction\n"), "{shown}");
        assert!(shown.contains("Dockerfile:2:1"), "{shown}");
        assert!(shown.contains("^^^"), "{shown}");
    }

    #[test]
    fn spans_beyond_the_text_are_cut() {
        assert_eq!(range("ä", (1, 99)), (0, 2));
        assert_eq!(range("ab\ncd", (0, 5)), (0, 2));
    }
}
