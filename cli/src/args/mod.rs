//! The command line: what people can type, with the help they read.

mod build;
mod format;
mod image;
mod lint;
mod lsp;
mod run;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use build::{BuildArgs, Call, CheckCall, Isolation, ProgressMode};
pub(crate) use format::FormatArgs;
pub(crate) use image::{
    ArchiveFormat, Compression, ExportArgs, ImagesArgs, ImportArgs, InspectArgs, ListFormat, LoadArgs, PruneArgs,
    PullArgs, PushArgs, RmiArgs, SaveArgs, TagArgs,
};
pub(crate) use lint::{Form, HadolintArgs, LintArgs};
pub(crate) use lsp::LspArgs;
pub(crate) use run::RunArgs;

/// Builds Dockerfiles into OCI images, and runs, moves and inspects them, without a daemon.
#[derive(Debug, Parser)]
#[command(
    name = "containr",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    args_override_self = true
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes, before or after its name.
#[derive(Debug, clap::Args)]
pub(crate) struct CommonArgs {
    /// Directory that holds all state [default: /var/lib/containr for root, else $XDG_DATA_HOME/containr]
    #[arg(long, global = true, env = "CONTAINR_ROOT", value_name = "DIR", hide_env_values = true)]
    pub(crate) root: Option<PathBuf>,
    /// Show what containr does itself, step by step
    #[arg(short = 'D', long, global = true)]
    pub(crate) debug: bool,
}

/// The commands. Only the flags of the one that is called are set up.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Build an image from a Dockerfile
    #[command(alias = "b")]
    Build(Box<BuildArgs>),
    /// Run a command in a new container from an image
    Run(Box<RunArgs>),
    /// Pull images from a registry
    Pull(PullArgs),
    /// Push an image to a registry
    Push(PushArgs),
    /// List images
    #[command(alias = "ls")]
    Images(ImagesArgs),
    /// Remove names of images, and images without a name left
    Rmi(RmiArgs),
    /// Show an image's config and manifest as JSON
    Inspect(InspectArgs),
    /// Give an image another name
    Tag(TagArgs),
    /// Write images to an archive
    Save(SaveArgs),
    /// Read images from an archive
    Load(LoadArgs),
    /// Write the file tree of an image as a tar
    Export(ExportArgs),
    /// Make an image from a tar of a file tree
    Import(ImportArgs),
    /// Show what takes up disk space
    Du,
    /// Remove build results and blobs that nothing needs
    Prune(PruneArgs),
    /// Show what this machine lets containr do
    Doctor,
    /// Show the version
    Version,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Judge Dockerfiles and repair them
    Lint(LintArgs),
    /// Lay out Dockerfiles in one style
    Fmt(FormatArgs),
    /// Answer an editor about Dockerfiles, by the Language Server Protocol
    Lsp(LspArgs),
    /// Judge Dockerfiles as hadolint does: its flags, names and output
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Hadolint {
        /// hadolint's arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Look inside containr
    #[command(subcommand, hide = true)]
    Debug(DebugCommand),
}

/// The shells that completions exist for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    /// bash
    Bash,
    /// elvish
    Elvish,
    /// fish
    Fish,
    /// PowerShell
    Powershell,
    /// zsh
    Zsh,
}

/// Windows into the rooms, for tests and bug reports.
#[derive(Debug, Subcommand)]
pub(crate) enum DebugCommand {
    /// Print the syntax tree of a Dockerfile
    Ast {
        /// Form of the output
        #[arg(long, default_value = "buildkit")]
        format: AstFormat,
        /// The Dockerfile, or - for stdin
        file: PathBuf,
    },
    /// Print the reference of all commands as Markdown
    Reference,
}

/// Forms of a printed syntax tree.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AstFormat {
    /// The form of BuildKit's parser tests
    Buildkit,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_last_of_a_repeated_flag_counts_and_lists_grow() {
        let line = ["containr", "build", "--target", "a", "--target", "b", "-t", "x", "-t", "y"];
        let Command::Build(build) = Args::parse_from(line).command else { panic!("another command") };
        assert_eq!((build.target.as_deref(), build.tag.len()), (Some("b"), 2));
    }

    #[test]
    fn root_stands_before_or_after_the_command() {
        for line in [["containr", "--root", "/x", "images"], ["containr", "images", "--root", "/x"]] {
            assert_eq!(Args::parse_from(line).common.root, Some(PathBuf::from("/x")));
        }
    }
}
