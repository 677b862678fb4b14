//! What a step does.

use containr_oci::Digest;

use crate::Tree;

/// The kinds of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Layers of an image that is resolved already.
    Image(Image),
    /// A directory of the user's: the build context or a named one.
    Local(Local),
    /// A command in a sandbox.
    Run(Run),
    /// COPY and ADD.
    Copy(Copy),
    /// WORKDIR.
    Workdir(Workdir),
}

/// An image whose config is known; its layers may still be far away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The name as the engine knows it, for showing and pulling.
    pub reference: String,
    /// The manifest, where there is one (an image built here has none until it is exported).
    pub manifest: Option<Digest>,
    /// The config.
    pub config: Digest,
    /// The uncompressed layers, lowest first; they are the image's identity as an input.
    pub diff_ids: Vec<Digest>,
}

/// A directory that the engine knows by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// `context` for the build's own context, else the name given with `--build-context`.
    pub name: String,
}

/// A command with all that it sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What decides the result.
    pub keyed: RunKeyed,
    /// What must not.
    pub unkeyed: RunUnkeyed,
}

/// The part of a command that its key covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunKeyed {
    /// Program and arguments.
    pub args: Vec<String>,
    /// `NAME=value`, in order; ENV and ARG together, without the predefined proxy arguments.
    pub env: Vec<String>,
    /// Working directory, absolute.
    pub cwd: String,
    /// USER as written: `name`, `uid`, `user:group`, or empty for root.
    pub user: String,
    /// Which network the command has.
    pub network: Network,
    /// Whether the sandbox is on.
    pub security: Security,
    /// Host name inside, when the user chose one.
    pub hostname: Option<String>,
    /// What is mounted.
    pub mounts: Vec<Mount>,
    /// Files that exist only for the command (heredoc scripts).
    pub files: Vec<InlineFile>,
    /// Size of /dev/shm in bytes, when the user chose one.
    pub shm_size: Option<u64>,
    /// `--ulimit` values, in order.
    pub limits: Vec<Limit>,
}

/// The part of a command that may differ between builds without changing its result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunUnkeyed {
    /// Predefined proxy arguments as `NAME=value`.
    pub proxy_env: Vec<String>,
    /// `--add-host` lines as (name, address).
    pub add_hosts: Vec<(String, String)>,
}

/// The network of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// The builder's choice, which is the host's network for now.
    Default,
    /// The host's network, asked for by name.
    Host,
    /// Loopback alone.
    None,
}

/// Whether a command is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Capabilities and system calls as docker's defaults.
    Sandbox,
    /// Everything the builder itself may do.
    Insecure,
}

/// A resource limit as `--ulimit NAME=SOFT:HARD` gives it; -1 is unlimited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// For example `nofile`.
    pub name: String,
    /// Soft limit.
    pub soft: i64,
    /// Hard limit.
    pub hard: i64,
}

/// A file with its content in the Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineFile {
    /// For COPY the file name, for RUN the absolute path of the mount.
    pub name: String,
    /// The bytes.
    pub content: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
}

/// One `RUN --mount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path inside.
    pub target: String,
    /// What is mounted there.
    pub kind: MountKind,
}

/// The types of `RUN --mount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountKind {
    /// A tree or a part of it.
    Bind(Bind),
    /// A directory that survives builds.
    Cache(CacheMount),
    /// Memory; the size is in bytes.
    Tmpfs {
        /// Upper bound, when given.
        size: Option<u64>,
    },
    /// A secret as a file or a variable.
    Secret(Secret),
    /// An agent's socket.
    Ssh(SshMount),
}

/// Whether a mount can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// No.
    ReadOnly,
    /// Yes; what is written to a bind mount is thrown away after the step.
    ReadWrite,
}

/// `type=bind`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// The tree.
    pub from: Tree,
    /// Path inside it.
    pub source: String,
    /// Whether the command may write.
    pub access: Access,
}

/// `type=cache`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheMount {
    /// Which cache.
    pub id: String,
    /// How parallel steps share it.
    pub sharing: Sharing,
    /// What it begins as.
    pub from: Tree,
    /// Path inside that tree.
    pub source: String,
    /// Whether the command may write.
    pub access: Access,
    /// Mode of a new cache's directory.
    pub mode: u32,
    /// Owner of a new cache's directory.
    pub uid: u32,
    /// Group of a new cache's directory.
    pub gid: u32,
}

/// How steps that run at the same time share a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// All at once.
    Shared,
    /// Each gets its own when another one is in use.
    Private,
    /// One after the other.
    Locked,
}

/// `type=secret`; the value itself is never part of a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Which secret.
    pub id: String,
    /// Variable that holds it, when asked for; the mount's target is empty when only the variable is wanted.
    pub env: Option<String>,
    /// Whether its absence fails the step.
    pub required: bool,
    /// Mode of the file.
    pub mode: u32,
    /// Owner of the file.
    pub uid: u32,
    /// Group of the file.
    pub gid: u32,
}

/// `type=ssh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshMount {
    /// Which agent.
    pub id: String,
    /// Whether its absence fails the step.
    pub required: bool,
    /// Mode of the socket.
    pub mode: u32,
    /// Owner of the socket.
    pub uid: u32,
    /// Group of the socket.
    pub gid: u32,
}

/// COPY or ADD: files from one tree into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Where the files come from; scratch when all sources are inline.
    pub from: Tree,
    /// What decides the result beside the two trees.
    pub keyed: CopyKeyed,
}

/// Which instruction's rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// COPY of the context: owners become 0:0, file capabilities are lost.
    CopyContext,
    /// COPY --from: owners and file capabilities are kept.
    CopyFrom,
    /// ADD.
    Add,
}

/// Whether ADD unpacks archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpack {
    /// Local archives yes, remote files no.
    Auto,
    /// `--unpack=true`.
    Always,
    /// `--unpack=false`.
    Never,
}

/// The part of a COPY that its key covers; words are expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyKeyed {
    /// Which rules.
    pub kind: CopyKind,
    /// What is copied, in order.
    pub sources: Vec<CopySource>,
    /// Absolute target; a trailing slash says directory.
    pub destination: String,
    /// `--chown`, as written.
    pub chown: Option<String>,
    /// `--chmod`, as written.
    pub chmod: Option<String>,
    /// `--link`: the result does not depend on the tree below.
    pub link: bool,
    /// `--parents`.
    pub parents: bool,
    /// `--exclude` patterns.
    pub excludes: Vec<String>,
    /// ADD's `--unpack`.
    pub unpack: Unpack,
}

/// One source of a COPY or ADD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopySource {
    /// A path or pattern inside the source tree.
    Path(String),
    /// A heredoc.
    Inline(InlineFile),
}

/// WORKDIR: the directory and its missing parents, owned by the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workdir {
    /// Absolute path.
    pub path: String,
    /// USER as written.
    pub user: String,
}
