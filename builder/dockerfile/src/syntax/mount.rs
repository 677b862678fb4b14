//! The mounts of RUN: the options as written, and their meaning once variables are expanded.

use crate::span::{Span, Spanned};

/// Is a value of `--mount`: options in order, unexpanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The whole value of the flag.
    pub span: Span,
    /// The options in order.
    pub options: Vec<MountOption>,
}

/// Is one option of a mount, `key` or `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountOption {
    /// The option as written, for messages.
    pub text: Spanned<String>,
    /// The key.
    pub key: MountKey,
    /// What follows the equals sign, unexpanded.
    pub value: Option<String>,
}

/// Is the key of a mount option; its spellings are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MountKey {
    /// `type`
    Type,
    /// `from`
    From,
    /// `source`, `src`
    Source,
    /// `target`, `dst`, `destination`
    Target,
    /// `readonly`, `ro`
    ReadOnly,
    /// `readwrite`, `rw`
    ReadWrite,
    /// `required`
    Required,
    /// `size`
    Size,
    /// `id`
    Id,
    /// `sharing`
    Sharing,
    /// `mode`
    Mode,
    /// `uid`
    Uid,
    /// `gid`
    Gid,
    /// `env`
    Env,
}

/// Is the kind of a mount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MountKind {
    /// Files of the context, a stage or an image.
    #[default]
    Bind,
    /// A directory that outlives the build.
    Cache,
    /// A directory in memory.
    Tmpfs,
    /// A file or variable with a secret.
    Secret,
    /// The socket of a key agent.
    Ssh,
}

/// Says who else may use a cache mount at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// Anyone.
    #[default]
    Shared,
    /// No one; a further user gets another directory.
    Private,
    /// No one; a further user waits.
    Locked,
}

/// Is a mount with every option read; what was not said is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MountSettings {
    /// The kind.
    pub kind: MountKind,
    /// The stage, context or image that holds the source.
    pub from: Option<String>,
    /// The path inside it.
    pub source: Option<String>,
    /// The path in the sandbox.
    pub target: Option<String>,
    /// Whether writing is refused, the kind's default applied.
    pub read_only: bool,
    /// The size limit of a tmpfs in bytes.
    pub size: Option<u64>,
    /// The identity of a cache, a secret or an agent.
    pub id: Option<String>,
    /// The sharing of a cache.
    pub sharing: Option<Sharing>,
    /// Whether the build fails without the secret or agent.
    pub required: bool,
    /// The variable that holds a secret; `Some("")` asks for the default name.
    pub env: Option<String>,
    /// The permission bits.
    pub mode: Option<u32>,
    /// The owner.
    pub uid: Option<u32>,
    /// The group.
    pub gid: Option<u32>,
}

/// Says why the options of a mount have no meaning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MountError {
    /// The option at fault, or the whole mount.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}
