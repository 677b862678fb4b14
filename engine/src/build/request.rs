//! What a build is asked to do.

use std::path::PathBuf;

use containr_graph::{Limit, Network};
use containr_sandbox::Isolation;

/// A build, as `containr build` or another face asks for it.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// Where the files come from.
    pub context: ContextSource,
    /// Where the Dockerfile is; nothing means `Dockerfile` or `Containerfile` in the context.
    pub dockerfile: Option<TextSource>,
    /// Names of the result.
    pub tags: Vec<String>,
    /// Stage to build; nothing means the last one.
    pub target: Option<String>,
    /// `--build-arg`; a missing value means that the variable is not set.
    pub build_args: Vec<(String, Option<String>)>,
    /// `--build-context`.
    pub contexts: Vec<(String, String)>,
    /// `--platform`.
    pub platforms: Vec<String>,
    /// Which steps run again.
    pub no_cache: NoCache,
    /// Whether base images are asked for at the registry.
    pub pull: PullPolicy,
    /// Where the result goes beside the local store.
    pub outputs: Vec<Output>,
    /// Whether all names are pushed, and how new layers are compressed then.
    pub push: Option<CompressionChoice>,
    /// `--label`.
    pub labels: Vec<(String, String)>,
    /// `--annotation`.
    pub annotations: Vec<(String, String)>,
    /// `--network`.
    pub network: Network,
    /// `--add-host`.
    pub add_hosts: Vec<(String, String)>,
    /// `--shm-size` in bytes.
    pub shm_size: Option<u64>,
    /// `--ulimit`.
    pub limits: Vec<Limit>,
    /// `--reproducible`.
    pub reproducible: Reproducible,
    /// Whether each step says why it hit or missed.
    pub explain: Explain,
    /// How RUN steps are isolated.
    pub isolation: IsolationChoice,
}

/// Where the context comes from.
#[derive(Debug, Clone)]
pub enum ContextSource {
    /// A directory.
    Directory(PathBuf),
    /// Bytes from stdin: a tar, maybe compressed, or a Dockerfile.
    Stream(StreamBytes),
}

/// A stream that can be read once.
#[derive(Clone)]
pub struct StreamBytes(pub std::sync::Arc<std::sync::Mutex<Box<dyn std::io::Read + Send>>>);

impl std::fmt::Debug for StreamBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StreamBytes")
    }
}

/// Where a text comes from.
#[derive(Debug, Clone)]
pub enum TextSource {
    /// A file; a relative one belongs to the working directory.
    File(PathBuf),
    /// Bytes that the caller has read.
    Bytes(Vec<u8>),
}

/// Which steps run again whatever is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCache {
    /// None.
    Nothing,
    /// All.
    Everything,
    /// Those of the named stages.
    Stages(Vec<String>),
}

/// When a registry is asked for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// When the local store does not know the name.
    Missing,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether times are clamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reproducible {
    /// They stay as the steps left them.
    No,
    /// To the base image's time of creation, 0 without one.
    Base,
    /// To these seconds since 1970.
    Epoch(i64),
}

/// Whether reasons are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// No.
    Quiet,
    /// For each step.
    Steps,
}

/// How RUN steps are kept apart from the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsolationChoice {
    /// Namespaces; an error that names the setting to change where they are refused.
    Namespaces,
    /// A changed root directory alone.
    Chroot,
}

impl From<IsolationChoice> for Isolation {
    fn from(choice: IsolationChoice) -> Self {
        match choice {
            IsolationChoice::Namespaces => Self::Namespaces,
            IsolationChoice::Chroot => Self::Chroot,
        }
    }
}

/// One place for the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// In which form.
    pub form: ArchiveForm,
    /// Where to.
    pub destination: Destination,
    /// How layers are compressed.
    pub compression: CompressionChoice,
}

/// The forms in which a result leaves the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveForm {
    /// A tar of an OCI layout.
    OciArchive,
    /// An OCI layout in a directory.
    OciDirectory,
    /// What `docker load` reads.
    DockerArchive,
    /// One tar of the merged file tree.
    Tar,
    /// The merged file tree in a directory.
    Directory,
}

/// Where an output is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file or directory; a relative one belongs to the working directory.
    Path(PathBuf),
    /// Standard output.
    Stdout,
}

/// How new layers are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompressionChoice {
    /// gzip at a level.
    Gzip(Option<i32>),
    /// zstd at a level.
    Zstd(Option<i32>),
    /// Not at all.
    Plain,
}

impl Default for CompressionChoice {
    fn default() -> Self {
        Self::Gzip(None)
    }
}

/// What a build gave.
#[derive(Debug, Clone)]
pub struct BuildReport {
    /// Digest of the config: docker's image id.
    pub config: String,
    /// Digest and media type and size of the manifest, when one was written.
    pub manifest: Option<containr_oci::Descriptor>,
    /// The names that the image has now, completed.
    pub names: Vec<String>,
    /// What the build checks say of the Dockerfile, as one text for each warning.
    pub checks: Vec<CheckRemark>,
}

/// A warning of the build checks.
#[derive(Debug, Clone)]
pub struct CheckRemark {
    /// The rule, what is wrong and the line.
    pub short: String,
    /// What the rule is about, its page and the lines in question.
    pub long: String,
}
