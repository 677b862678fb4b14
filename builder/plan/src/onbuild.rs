//! The instructions of a stage: the triggers of its base first, then its own.

use std::borrow::Cow;

use containr_dockerfile::parse_trigger;
use containr_dockerfile::syntax::{Escape, Instruction, Kind, Stage};
use containr_dockerfile::{Severity, Span};

use crate::{Code, Diagnostic, ResolvedBase};

/// An instruction to carry out.
#[derive(Clone, Debug)]
pub(crate) struct Todo<'a> {
    pub(crate) instruction: Cow<'a, Instruction>,
    pub(crate) trigger: Option<Trigger>,
}

/// Where a trigger comes from.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    /// The image or stage that carries it.
    pub(crate) image: String,
    /// Its text.
    pub(crate) text: String,
    /// The FROM that brings it in, where the text is not part of this Dockerfile.
    pub(crate) at: Option<Span>,
}

impl Todo<'_> {
    /// Returns where to point for a place in the instruction.
    pub(crate) fn place(&self, span: Span) -> Span {
        self.trigger.as_ref().and_then(|trigger| trigger.at).unwrap_or(span)
    }
}

/// Returns a stage's own instructions.
pub(crate) fn own(stage: &Stage) -> impl Iterator<Item = Todo<'_>> {
    stage.instructions.iter().map(|instruction| Todo { instruction: Cow::Borrowed(instruction), trigger: None })
}

/// Returns the triggers that a stage leaves to the stages built on it.
pub(crate) fn of_stage<'a>(base: &'a Stage, label: &str) -> Vec<Todo<'a>> {
    let triggers = base.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Onbuild(onbuild) => Some(onbuild),
        _ => None,
    });
    triggers
        .map(|onbuild| Todo {
            instruction: Cow::Borrowed(onbuild.trigger.as_ref()),
            trigger: Some(Trigger { image: label.to_owned(), text: onbuild.expression.clone(), at: None }),
        })
        .collect()
}

/// Reads the triggers of a base image's config.
pub(crate) fn of_image<'a>(base: &ResolvedBase, from: Span, diagnostics: &mut Vec<Diagnostic>) -> Vec<Todo<'a>> {
    let mut todos = Vec::new();
    for text in &base.config.config.on_build {
        match read(text) {
            Ok(instruction) => todos.push(Todo {
                instruction: Cow::Owned(instruction),
                trigger: Some(Trigger { image: base.reference.clone(), text: text.clone(), at: Some(from) }),
            }),
            Err(reason) => {
                let message = format!("trigger `{text}` of the base `{}` cannot be read: {reason}", base.reference);
                diagnostics.push(Diagnostic::error(from, Code::InvalidTrigger, message));
            }
        }
    }
    todos
}

fn read(text: &str) -> Result<Instruction, String> {
    let trigger = parse_trigger(text, Escape::Backslash);
    match trigger.diagnostics.into_iter().find(|remark| remark.severity == Severity::Error) {
        Some(error) => Err(error.message),
        None => trigger.instruction.ok_or_else(|| "it is not one instruction".to_owned()),
    }
}
