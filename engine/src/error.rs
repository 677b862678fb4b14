//! What can go wrong, as data for the face that shows it.

use std::error::Error;
use std::path::PathBuf;

use containr_oci::Digest;
use containr_progress::Cancelled;
use containr_sandbox::SandboxError;
use containr_solve::StepError;

use crate::hint::{hint_of, io_hint};

/// A boxed cause from one of the rooms below.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A use case failed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The user or a signal ended it.
    #[error("cancelled")]
    Cancelled,
    /// The request cannot be served as it is; the text is for people.
    #[error("{0}")]
    Request(String),
    /// Nothing in the local store has this name or id.
    #[error("image `{0}` is not in the local store")]
    NoImage(String),
    /// A blob that describes an image is gone or has other bytes than its name says, and no registry is known to have it.
    #[error("image `{image}` cannot be used: its blob {blob} is damaged or gone, and no registry is known to have it")]
    Damaged {
        /// The image as it was asked for.
        image: String,
        /// The blob.
        blob: Digest,
    },
    /// A layer is damaged or gone in every form, and no registry is known to have it.
    #[error("layer {layer}{} is not in the local store, and no registry is known to have it", of_image(image))]
    LostLayer {
        /// The image as people call it, or nothing.
        image: String,
        /// The layer's `diff_id`.
        layer: Digest,
    },
    /// A part of the work failed; the text says which.
    #[error("{what}")]
    Work {
        /// A lower-case fragment that names the thing.
        what: String,
        /// Why.
        source: Cause,
    },
    /// The machine or the way steps are kept apart does not allow it; changing a setting does.
    #[error("{what}")]
    Refused {
        /// A lower-case fragment that names the thing.
        what: String,
        /// The setting to change.
        way_out: String,
        /// Why.
        source: Cause,
    },
    /// A file of the user's cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// `read`, `write`, `open`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

fn of_image(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" of {name}") }
}

impl From<Cancelled> for EngineError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl EngineError {
    /// Returns what a shell's exit code would be when a container's command cannot be run: 127 or 126.
    pub fn command_exit_code(&self) -> Option<u8> {
        let Self::Work { source, .. } = self else { return None };
        match source.downcast_ref::<SandboxError>()? {
            SandboxError::Command { source, .. } if source.kind() == std::io::ErrorKind::NotFound => Some(127),
            SandboxError::Command { .. } => Some(126),
            _ => None,
        }
    }

    /// Returns the way out, where one is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoImage(name) => {
                Some(format!("`containr pull {name}` gets it from its registry; `containr images` shows what is here"))
            }
            Self::Damaged { .. } | Self::LostLayer { .. } => {
                Some("build or load the image again, or get its present state with `containr pull`".to_owned())
            }
            Self::File { source, .. } => io_hint(source),
            Self::Work { source, .. } => hint_of(source.as_ref()),
            Self::Refused { way_out, .. } => Some(way_out.clone()),
            Self::Cancelled | Self::Request(_) => None,
        }
    }
}

/// Names a failed part of the work on the way up.
pub(crate) trait Context<T> {
    /// Wraps an error with what was being done.
    fn context(self, what: impl FnOnce() -> String) -> Result<T, EngineError>;
}

impl<T, E: Error + Send + Sync + 'static> Context<T> for Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T, EngineError> {
        self.map_err(|source| EngineError::Work { what: what(), source: Box::new(source) })
    }
}

/// One thing that is wrong with a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// First byte and one past the last.
    pub span: (u32, u32),
    /// A lower-case fragment.
    pub message: String,
    /// Whether the build can go on.
    pub warning: bool,
}

/// A build failed.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The Dockerfile is wrong: all problems at once.
    #[error("{name} has errors")]
    Dockerfile {
        /// Its name, for showing.
        name: String,
        /// Its text.
        text: String,
        /// What is wrong.
        problems: Vec<Problem>,
    },
    /// A step failed.
    #[error("cannot build `{step}`")]
    Step {
        /// The step as progress shows it.
        step: String,
        /// The Dockerfile's name.
        name: String,
        /// The Dockerfile's text.
        text: String,
        /// The bytes that the step comes from, unless it comes from a base image.
        span: Option<(u32, u32)>,
        /// The way out, where one is known.
        hint: Option<String>,
        /// Whether it was cancelled rather than failed.
        cancelled: bool,
        /// Why.
        source: Cause,
    },
    /// Something else failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl BuildError {
    /// Returns the way out, where one is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Step { hint, source, .. } => hint.clone().or_else(|| hint_of(source.as_ref())),
            Self::Engine(error) => error.hint(),
            Self::Dockerfile { .. } => None,
        }
    }

    /// Returns whether the machine or the way steps are kept apart forbids the build: [`EngineError::Refused`] among the causes.
    pub fn is_refused(&self) -> bool {
        let mut error: Option<&(dyn Error + 'static)> = Some(self);
        while let Some(current) = error {
            if matches!(current.downcast_ref(), Some(EngineError::Refused { .. })) {
                return true;
            }
            error = current.source();
        }
        false
    }

    /// Returns the code of the command that made a step fail.
    pub fn exit_code(&self) -> Option<i32> {
        match self {
            Self::Step { source, .. } => match source.downcast_ref::<StepError>()? {
                StepError::Exit(code) => Some(*code),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns whether the user ended the build.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Step { cancelled: true, .. } | Self::Engine(EngineError::Cancelled))
    }
}
