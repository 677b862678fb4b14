//! What the planner has to say about a Dockerfile that parses.

use containr_dockerfile::{Severity, Span, nearest};

/// One remark with the place of its cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where the cause stands.
    pub span: Span,
    /// Whether the plan can be made in spite of it.
    pub severity: Severity,
    /// Which kind of remark it is.
    pub code: Code,
    /// What is wrong, as a lower-case fragment that names the thing.
    pub message: String,
    /// What was likely meant.
    pub suggestion: Option<String>,
}

/// The kinds of remarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The file has no stage.
    NoStages,
    /// `--target` names no stage.
    UnknownTarget,
    /// A FROM names nothing.
    EmptyBase,
    /// A name is no image reference.
    InvalidReference,
    /// A platform cannot be read.
    InvalidPlatform,
    /// A stage number does not exist.
    InvalidStageIndex,
    /// A stage is used before it is defined.
    ForwardReference,
    /// Stages need each other.
    Cycle,
    /// A variable stands where none is expanded.
    VariableNotAllowed,
    /// A word cannot be expanded.
    Expansion,
    /// A value has no meaning for its instruction.
    InvalidValue,
    /// A trigger of the base cannot be read.
    InvalidTrigger,
    /// A mount has no meaning.
    InvalidMount,
    /// The builder cannot do this yet.
    NotSupported,
    /// A variable is used that nothing sets.
    UndefinedVariable,
    /// A `--build-arg` is declared nowhere.
    UnusedBuildArgument,
}

impl Code {
    /// Returns the stable kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoStages => "no-stages",
            Self::UnknownTarget => "unknown-target",
            Self::EmptyBase => "empty-base",
            Self::InvalidReference => "invalid-reference",
            Self::InvalidPlatform => "invalid-platform",
            Self::InvalidStageIndex => "invalid-stage-index",
            Self::ForwardReference => "forward-reference",
            Self::Cycle => "cycle",
            Self::VariableNotAllowed => "variable-not-allowed",
            Self::Expansion => "expansion",
            Self::InvalidValue => "invalid-value",
            Self::InvalidTrigger => "invalid-trigger",
            Self::InvalidMount => "invalid-mount",
            Self::NotSupported => "not-supported",
            Self::UndefinedVariable => "undefined-variable",
            Self::UnusedBuildArgument => "unused-build-argument",
        }
    }
}

impl Diagnostic {
    /// Returns an error.
    pub(crate) fn error(span: Span, code: Code, message: impl Into<String>) -> Self {
        Self { span, severity: Severity::Error, code, message: message.into(), suggestion: None }
    }

    /// Returns a warning.
    pub(crate) fn warning(span: Span, code: Code, message: impl Into<String>) -> Self {
        Self { span, severity: Severity::Warning, code, message: message.into(), suggestion: None }
    }

    /// Adds what was likely meant.
    pub(crate) fn suggesting(self, suggestion: Option<&str>) -> Self {
        Self { suggestion: suggestion.map(str::to_owned), ..self }
    }
}

/// Longest word for which a similar one is looked for.
const MAX_WORD_BYTES: usize = 128;

/// Returns the option that a word was likely meant to be.
pub(crate) fn similar<'o>(word: &str, options: impl Iterator<Item = &'o str>) -> Option<&'o str> {
    if word.len() > MAX_WORD_BYTES {
        return None;
    }
    nearest(word, options)
}
