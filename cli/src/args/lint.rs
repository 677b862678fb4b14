//! The flags of `containr lint` and those of hadolint.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use containr_lint::format::Format;
use containr_lint::{Dialect, LabelKind, Severity};

/// Judge Dockerfiles and repair them.
#[derive(Debug, clap::Args)]
pub(crate) struct LintArgs {
    /// Dockerfiles, directories to search for them, or - for stdin [default: the working directory]
    pub(crate) files: Vec<PathBuf>,
    /// Form of the output: text, json, sarif, github, or one of hadolint's
    #[arg(short, long, default_value = "text", value_parser = form)]
    pub(crate) format: Form,
    /// Whose rules, names and messages are used
    #[arg(long, default_value = "containr")]
    pub(crate) dialect: DialectName,
    /// Settings file, in the form of .hadolint.yaml
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Rules that are not told, by any of their names
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Mildest severity that makes the exit code 1
    #[arg(short = 't', long, default_value = "info", value_name = "SEVERITY")]
    pub(crate) failure_threshold: Severity,
    /// Apply the fixes that leave the build as it is
    #[arg(long)]
    pub(crate) fix: bool,
    /// Apply also the fixes that may change the build
    #[arg(long)]
    pub(crate) fix_unsafe: bool,
    /// Show what the fixes would change instead of changing it
    #[arg(long)]
    pub(crate) diff: bool,
    /// Ask registries whether base images exist, for which platforms, and which digest their tag means now
    #[arg(long)]
    pub(crate) online: bool,
}

/// A form of output of `containr lint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Excerpts with carets, for people.
    Text,
    /// A form that tools read.
    Tools(Format),
}

fn form(text: &str) -> Result<Form, containr_lint::format::UnknownFormat> {
    match text {
        "text" => Ok(Form::Text),
        _ => text.parse().map(Form::Tools),
    }
}

/// Dialects by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DialectName {
    /// Every rule, in our own words
    Containr,
    /// hadolint's rules and messages
    Hadolint,
    /// The build checks of BuildKit
    Buildkit,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Containr => Self::Containr,
            DialectName::Hadolint => Self::Hadolint,
            DialectName::Buildkit => Self::BuildKit,
        }
    }
}

/// hadolint's command line.
#[derive(Debug, Parser)]
#[command(name = "hadolint", about = "Lint Dockerfile for errors and best practices", disable_version_flag = true)]
pub(crate) struct HadolintArgs {
    /// Dockerfiles, or - for stdin
    #[arg(value_name = "DOCKERFILE...")]
    pub(crate) files: Vec<PathBuf>,
    /// Show version
    #[arg(short, long)]
    pub(crate) version: bool,
    /// Path to the configuration file
    #[arg(short, long, value_name = "FILENAME")]
    pub(crate) config: Option<PathBuf>,
    /// The path that reports tell in place of the file's
    #[arg(long, value_name = "FILEPATHINREPORT")]
    pub(crate) file_path_in_report: Option<String>,
    /// Output destination file
    #[arg(short, long)]
    pub(crate) output: Vec<PathBuf>,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub(crate) no_fail: bool,
    /// Write no colours
    #[arg(long)]
    pub(crate) no_color: bool,
    /// Tell on stderr which settings are used
    #[arg(short = 'V', long)]
    pub(crate) verbose: bool,
    /// Output format
    #[arg(short, long)]
    pub(crate) format: Vec<Format>,
    /// Give the rule the level error
    #[arg(long, value_name = "RULECODE")]
    pub(crate) error: Vec<String>,
    /// Give the rule the level warning
    #[arg(long, value_name = "RULECODE")]
    pub(crate) warning: Vec<String>,
    /// Give the rule the level info
    #[arg(long, value_name = "RULECODE")]
    pub(crate) info: Vec<String>,
    /// Give the rule the level style
    #[arg(long, value_name = "RULECODE")]
    pub(crate) style: Vec<String>,
    /// Do not tell the rule
    #[arg(long, value_name = "RULECODE")]
    pub(crate) ignore: Vec<String>,
    /// A registry that images may come from
    #[arg(long, value_name = "REGISTRY")]
    pub(crate) trusted_registry: Vec<String>,
    /// A label that must be there, and what it must look like
    #[arg(long, value_name = "LABELSCHEMA", value_parser = label)]
    pub(crate) require_label: Vec<(String, LabelKind)>,
    /// Permit no labels but those of the schema
    #[arg(long)]
    pub(crate) strict_labels: bool,
    /// Take `# hadolint ignore=` for a plain comment
    #[arg(long)]
    pub(crate) disable_ignore_pragma: bool,
    /// Mildest severity that makes the exit code 1
    #[arg(short = 't', long, value_name = "THRESHOLD")]
    pub(crate) failure_threshold: Option<Severity>,
}

fn label(text: &str) -> Result<(String, LabelKind), containr_lint::UnknownLabelKind> {
    let (name, kind) = text.split_once(':').unwrap_or((text, ""));
    Ok((name.to_owned(), kind.parse()?))
}
