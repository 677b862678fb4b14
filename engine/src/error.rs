//! What can go wrong, as data for the face that shows it.

use std::error::Error;
use std::path::PathBuf;

use containr_progress::Cancelled;
use containr_store::StoreError;

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

impl From<Cancelled> for EngineError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl EngineError {
    /// Returns the way out, where one is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoImage(name) => {
                Some(format!("`containr pull {name}` gets it from its registry; `containr images` shows what is here"))
            }
            Self::File { source, .. } => io_hint(source),
            Self::Work { source, .. } => hint_of(source.as_ref()),
            Self::Refused { way_out, .. } => Some(way_out.clone()),
            Self::Cancelled | Self::Request(_) => None,
        }
    }
}

/// Looks through a chain of causes for one that has a known way out.
pub(crate) fn hint_of(error: &(dyn Error + 'static)) -> Option<String> {
    let mut error = Some(error);
    while let Some(current) = error {
        if let Some(EngineError::Refused { way_out, .. }) = current.downcast_ref() {
            return Some(way_out.clone());
        }
        if let Some(StoreError::Bound { .. }) = current.downcast_ref() {
            return Some(OTHER_STATE.to_owned());
        }
        if let Some(hint) = current.downcast_ref::<std::io::Error>().and_then(io_hint) {
            return Some(hint);
        }
        error = current.source();
    }
    None
}

/// What to do about a state that was made in another way.
const OTHER_STATE: &str = "use it as the user and in the way it was made, name another directory with --root or CONTAINR_ROOT, \
                           or empty this one with `containr prune --all`";

fn io_hint(error: &std::io::Error) -> Option<String> {
    match error.kind() {
        std::io::ErrorKind::StorageFull => Some(
            "the disk is full; `containr du` shows what takes space, `containr prune` frees what nothing needs"
                .to_owned(),
        ),
        std::io::ErrorKind::ReadOnlyFilesystem => {
            Some("the file system is read-only; choose another place with --root or CONTAINR_ROOT".to_owned())
        }
        std::io::ErrorKind::PermissionDenied => {
            Some("run as a user who may use it, or choose another place with --root or CONTAINR_ROOT".to_owned())
        }
        _ => None,
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

    /// Returns whether the user ended the build.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Step { cancelled: true, .. } | Self::Engine(EngineError::Cancelled))
    }
}
