//! What only the outside knows: files, images and earlier builds. All of it is optional and may be slow.
//!
//! The ports are never asked on the way to diagnostics. A port that knows nothing answers with nothing, and the server
//! stays silent.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use containr_lint::Config;

/// Is an answer that may take its time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Are the ports of a server; each may be absent.
#[derive(Clone, Default)]
pub struct Ports {
    /// The files of the workspace and the settings of the lint.
    pub workspace: Option<Arc<dyn Workspace>>,
    /// The files of the build context.
    pub context: Option<Arc<dyn Context>>,
    /// The images of the local store and of registries.
    pub images: Option<Arc<dyn ImageFacts>>,
    /// What earlier builds of the file left behind.
    pub builds: Option<Arc<dyn BuildFacts>>,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Ports")
            .field("workspace", &self.workspace.is_some())
            .field("context", &self.context.is_some())
            .field("images", &self.images.is_some())
            .field("builds", &self.builds.is_some())
            .finish()
    }
}

/// Finds and reads the Dockerfiles of a workspace.
pub trait Workspace: Send + Sync {
    /// Returns the Dockerfiles below a folder, in the order of their paths.
    fn dockerfiles(&self, folder: &Path) -> Vec<PathBuf>;

    /// Returns the text of a file; bytes that are not UTF-8 are replaced.
    fn read(&self, file: &Path) -> Option<String>;

    /// Returns the lint's settings for a file: what the configuration files that hold for it say.
    fn lint(&self, file: &Path) -> Config;

    /// Tells whether a path exists.
    fn exists(&self, path: &Path) -> bool;
}

/// Lists the build context of a file.
pub trait Context: Send + Sync {
    /// Returns what a directory of the context holds that the ignore rules leave in, sorted by name.
    ///
    /// `file` is the Dockerfile; `directory` is relative to the context and has no `..` in it.
    fn list<'a>(&'a self, file: &'a Path, directory: &'a str) -> Answer<'a, Vec<Entry>>;
}

/// Is an entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name without its directory.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// Says what an entry of a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// Anything else.
    File,
}

/// Says how far an answer may be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// On this machine only.
    Local,
    /// In registries too, with the user's credentials.
    Registry,
}

/// Knows images.
pub trait ImageFacts: Send + Sync {
    /// Returns what is known of an image for a platform (`linux/arm64`; the native one by default).
    fn image<'a>(&'a self, reference: &'a str, platform: Option<&'a str>) -> Answer<'a, Option<Image>>;

    /// Returns the names of images that begin with a prefix, sorted.
    fn names<'a>(&'a self, prefix: &'a str) -> Answer<'a, Vec<String>>;

    /// Returns the tags of a repository, sorted.
    fn tags<'a>(&'a self, repository: &'a str, reach: Reach) -> Answer<'a, Vec<String>>;

    /// Returns the digest that a reference has now (`sha256:...`).
    fn digest<'a>(&'a self, reference: &'a str, reach: Reach) -> Answer<'a, Option<String>>;
}

/// Is what is known of an image; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The manifest's digest.
    pub digest: Option<String>,
    /// The bytes of its layers.
    pub size: Option<u64>,
    /// The number of its layers.
    pub layers: Option<usize>,
    /// The platforms that there are, as `os/arch[/variant]`.
    pub platforms: Vec<String>,
    /// The user.
    pub user: Option<String>,
    /// The working directory.
    pub directory: Option<String>,
    /// The entry point.
    pub entrypoint: Vec<String>,
    /// The default command.
    pub command: Vec<String>,
    /// The environment, as `NAME=value`.
    pub environment: Vec<String>,
    /// The exposed ports.
    pub ports: Vec<String>,
    /// When it was made, by RFC 3339.
    pub created: Option<String>,
}

/// Knows what earlier builds made of a file.
pub trait BuildFacts: Send + Sync {
    /// Returns what is known of the instructions of a text, in the order of their lines.
    ///
    /// `file` is where the text belongs; the text may have changed since it was built.
    fn steps<'a>(&'a self, file: &'a Path, text: &'a str) -> Answer<'a, Vec<StepFact>>;
}

/// Is what is known of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFact {
    /// The offset at which the instruction begins.
    pub start: u32,
    /// Whether the result is there, so that a build would take it.
    pub cached: CacheState,
    /// The bytes that it added, uncompressed.
    pub bytes: Option<u64>,
    /// The time that it took when it ran last.
    pub duration_ms: Option<u64>,
}

/// Says whether a build would find a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheState {
    /// It would.
    Hit,
    /// It would run the step.
    Miss,
    /// That is not known.
    Unknown,
}
