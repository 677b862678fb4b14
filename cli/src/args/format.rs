//! The flags of `containr fmt`.

use std::path::PathBuf;

/// Lay out Dockerfiles in one style.
#[derive(Debug, clap::Args)]
pub(crate) struct FormatArgs {
    /// Dockerfiles, directories to search for them, or - for stdin [default: the working directory]
    pub(crate) files: Vec<PathBuf>,
    /// Write the files that change, which is what happens without any flag; stdin is written to stdout
    #[arg(short, long, conflicts_with_all = ["check", "diff"])]
    pub(crate) write: bool,
    /// Name the files that would change instead of changing them; the exit code is 1 where there are any
    #[arg(long)]
    pub(crate) check: bool,
    /// Show what would change instead of changing it; the exit code is 1 where there is anything
    #[arg(long)]
    pub(crate) diff: bool,
}
