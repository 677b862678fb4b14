//! What can go wrong while files are selected and copied.

use std::error::Error;
use std::io;

use containr_glob::BadPattern;
use containr_progress::Cancelled;
use containr_tree::{ListingError, TreeError, TreePath};

/// Why a COPY, an ADD or a WORKDIR failed.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A source is not there.
    #[error(transparent)]
    Missing(Box<MissingSource>),
    /// A source or destination has a NUL byte.
    #[error("path `{0}` has a NUL byte")]
    Nul(String),
    /// Links lead in a circle.
    #[error("{0} has too many symbolic links")]
    LinkLoop(TreePath),
    /// A component of the destination, or the place of a directory, is something else.
    #[error("{0} is not a directory")]
    NotADirectory(TreePath),
    /// A file or link would replace a directory.
    #[error("cannot replace the directory {0} with a file")]
    DirectoryInTheWay(TreePath),
    /// A name with the prefix that marks deletions in layers.
    #[error("cannot copy {0}: names that begin with `.wh.` mark deletions in a layer")]
    WhiteoutName(TreePath),
    /// The file is not what it was when the step's key was made.
    #[error("{0} changed during the build")]
    Changed(TreePath),
    /// The entry cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The entry, relative to the source's root.
        path: TreePath,
        /// What the system said.
        source: io::Error,
    },
    /// A device in a build context.
    #[error("cannot copy {0}: it is a device")]
    Device(TreePath),
    /// The destination's tree cannot be read.
    #[error("cannot read {path} in the target")]
    Target {
        /// The path in the tree below.
        path: TreePath,
        /// What the system said.
        source: io::Error,
    },
    /// The delta cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The path in the image.
        path: TreePath,
        /// What the system said.
        source: io::Error,
    },
    /// `--chmod` cannot be read.
    #[error("`--chmod={0}` is neither octal up to 07777 nor symbolic")]
    Chmod(String),
    /// `--chown` names a user or group where there is no file to look it up.
    #[error("cannot look up the owner `{0}`: there is no tree below that could have a passwd file")]
    OwnerName(String),
    /// A numeric user or group is out of range.
    #[error("owner `{0}` is out of range")]
    OwnerRange(String),
    /// `--exclude` or `--parents` has a bad pattern.
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    /// `--parents` with a source that names nothing below its pivot.
    #[error("`{0}` names no file below its pivot: `--parents` needs one")]
    ParentsSource(String),
    /// An archive cannot be unpacked.
    #[error("cannot unpack {path}")]
    Archive {
        /// The archive in the source.
        path: TreePath,
        /// What the unpacker said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A walk or the digest cache failed.
    #[error("cannot read the source tree")]
    Walk(#[source] TreeError),
    /// The listing of what was written is inconsistent.
    #[error(transparent)]
    Listing(#[from] ListingError),
    /// The build ended.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<TreeError> for CopyError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Changed(path) => Self::Changed(path),
            TreeError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            TreeError::Io { path, source, .. } => Self::Read { path, source },
            cache @ TreeError::Cache { .. } => Self::Walk(cache),
        }
    }
}

/// A source that is not there, with what helps the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} not found{}", looked_for, hint(self))]
pub struct MissingSource {
    /// The source as written.
    pub written: String,
    /// The path that was looked for, from the root of the source.
    pub looked_for: TreePath,
    /// The most similar name that exists beside it.
    pub nearest: Option<TreePath>,
    /// Whether the entry exists and the ignore file leaves it out.
    pub ignored: Ignored,
}

/// Whether an ignore file hides an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// It is there, and the ignore file leaves it out.
    Yes,
    /// It is not there at all.
    No,
}

fn hint(missing: &MissingSource) -> String {
    match (missing.ignored, &missing.nearest) {
        (Ignored::Yes, _) => ": the ignore file leaves it out".to_owned(),
        (Ignored::No, Some(nearest)) => format!(": there is {nearest}"),
        (Ignored::No, None) => String::new(),
    }
}
