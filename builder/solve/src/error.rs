//! Why a build failed: the step, where it stands in the user's text, and the cause.

use containr_copy::CopyError;
use containr_graph::{Origin, StepId};
use containr_layer::LayerError;
use containr_progress::Cancelled;
use containr_snapshot::SnapshotError;
use containr_store::StoreError;
use containr_tree::TreeError;

use crate::port::PortError;

/// A step that failed, and with it the build.
#[derive(Debug, thiserror::Error)]
#[error("step `{name}` failed")]
pub struct SolveError {
    /// The step.
    pub step: StepId,
    /// The line that a person reads.
    pub name: String,
    /// Where the step stands in the user's text.
    pub origin: Origin,
    /// What went wrong.
    #[source]
    pub cause: Box<StepError>,
}

/// What can go wrong in a step.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// A command ended with another code than 0.
    #[error("command exited with code {0}")]
    Exit(i32),
    /// A signal ended a command.
    #[error("command was ended by signal {0}")]
    Signal(i32),
    /// The kernel ended a command.
    #[error("command was killed because memory ran out")]
    OutOfMemory,
    /// A command could not be run.
    #[error("cannot run the command")]
    Runner(#[source] PortError),
    /// An image could not be brought.
    #[error("cannot fetch {reference}")]
    Fetch {
        /// The image.
        reference: String,
        /// What the fetcher said.
        source: PortError,
    },
    /// The graph names a context that nobody opened.
    #[error("no build context is named `{0}`")]
    UnknownContext(String),
    /// Something that a later version will do.
    #[error("{0} is not supported yet")]
    Unsupported(String),
    /// A path has a NUL byte.
    #[error("`{0}` has a NUL byte")]
    Nul(String),
    /// A file of the store cannot be used.
    #[error("cannot use {what}")]
    Io {
        /// The thing.
        what: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// COPY, ADD and WORKDIR.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// Diffs and layers.
    #[error(transparent)]
    Layer(#[from] LayerError),
    /// Trees.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source tree.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The build was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl StepError {
    /// Returns whether the step only ended because the build did.
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled(_)
                | Self::Copy(CopyError::Cancelled(_))
                | Self::Store(StoreError::Cancelled(_))
                | Self::Layer(LayerError::Cancelled(_))
                | Self::Tree(TreeError::Cancelled(_))
        )
    }
}
