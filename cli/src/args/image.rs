//! Arguments of the commands that move, show and remove images.

use std::path::PathBuf;

use clap::ValueEnum;

/// Pull images from a registry.
#[derive(Debug, clap::Args)]
pub(crate) struct PullArgs {
    /// The images
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<String>,
    /// Platform, where the image has several
    #[arg(long, value_name = "OS/ARCH")]
    pub(crate) platform: Option<String>,
    /// Print the image id alone
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Push an image to a registry.
#[derive(Debug, clap::Args)]
pub(crate) struct PushArgs {
    /// The image
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
    /// Name at the registry, when it differs
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// Compression of layers that are not compressed yet
    #[arg(long, default_value = "gzip")]
    pub(crate) compression: Compression,
    /// Level of the compression
    #[arg(long, value_name = "N")]
    pub(crate) compression_level: Option<i32>,
    /// Print the digest alone
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// List images.
#[derive(Debug, clap::Args)]
pub(crate) struct ImagesArgs {
    /// Print ids alone
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Do not shorten ids
    #[arg(long)]
    pub(crate) no_trunc: bool,
    /// Form of the output
    #[arg(long, default_value = "table")]
    pub(crate) format: ListFormat,
}

/// Forms of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Columns
    Table,
    /// JSON
    Json,
}

/// Remove names of images, and images without a name left.
#[derive(Debug, clap::Args)]
pub(crate) struct RmiArgs {
    /// Names or ids
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<String>,
    /// Do not fail for an image that is not there
    #[arg(short, long)]
    pub(crate) force: bool,
}

/// Show an image's config and manifest as JSON.
#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// Names or ids
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<String>,
}

/// Give an image another name.
#[derive(Debug, clap::Args)]
pub(crate) struct TagArgs {
    /// Name or id
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
    /// The new name
    #[arg(value_name = "NAME[:TAG]")]
    pub(crate) name: String,
}

/// Write images to an archive.
#[derive(Debug, clap::Args)]
pub(crate) struct SaveArgs {
    /// The images
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<String>,
    /// File or directory [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Form of the archive
    #[arg(long, default_value = "docker-archive")]
    pub(crate) format: ArchiveFormat,
    /// Compression of layers that are not compressed yet
    #[arg(long, default_value = "gzip")]
    pub(crate) compression: Compression,
    /// Level of the compression
    #[arg(long, value_name = "N")]
    pub(crate) compression_level: Option<i32>,
}

/// Forms of image archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ArchiveFormat {
    /// What `docker load` reads
    DockerArchive,
    /// A tar of an OCI layout
    OciArchive,
    /// An OCI layout in a directory
    OciDir,
}

/// Compression of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compression {
    /// gzip, read by everything
    Gzip,
    /// zstd, faster and smaller
    Zstd,
    /// None
    #[value(alias = "none")]
    Uncompressed,
}

/// Read images from an archive.
#[derive(Debug, clap::Args)]
pub(crate) struct LoadArgs {
    /// Archive or OCI layout directory [default: stdin]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Print names alone
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Write the file tree of an image as a tar.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// The image
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
    /// File [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Make an image from a tar of a file tree.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// The tar (plain, gzip or zstd), or - for stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Name of the image
    #[arg(value_name = "NAME[:TAG]")]
    pub(crate) name: Option<String>,
    /// Dockerfile instruction for the config: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR
    #[arg(short, long, value_name = "INSTRUCTION")]
    pub(crate) change: Vec<String>,
}

/// Remove build results and blobs that nothing needs.
#[derive(Debug, clap::Args)]
pub(crate) struct PruneArgs {
    /// Remove build results and images too, not only leftovers
    #[arg(short, long)]
    pub(crate) all: bool,
    /// Keep results that are younger, for example 48h
    #[arg(long, value_name = "DURATION")]
    pub(crate) keep_duration: Option<String>,
}
