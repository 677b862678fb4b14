//! COPY and ADD.

use super::Heredoc;
use crate::span::Spanned;

/// Is a COPY instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The value of `--from`: a stage's name or number, a context or an image.
    pub from: Option<Spanned<String>>,
    /// The value of `--chown`, unexpanded.
    pub chown: Option<Spanned<String>>,
    /// The value of `--chmod`, unexpanded.
    pub chmod: Option<Spanned<String>>,
    /// Whether the layer is independent of those below.
    pub link: bool,
    /// Whether the sources' parent directories are kept.
    pub parents: bool,
    /// The values of `--exclude`, which are never expanded.
    pub excludes: Vec<Spanned<String>>,
    /// The sources, unexpanded, in order.
    pub sources: Vec<Source>,
    /// The destination, unexpanded.
    pub destination: Spanned<String>,
}

/// Is an ADD instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Add {
    /// The value of `--chown`, unexpanded.
    pub chown: Option<Spanned<String>>,
    /// The value of `--chmod`, unexpanded.
    pub chmod: Option<Spanned<String>>,
    /// Whether the layer is independent of those below.
    pub link: bool,
    /// Whether `.git` of a git source stays, where the flag says.
    pub keep_git_dir: Option<bool>,
    /// The value of `--checksum`, unexpanded.
    pub checksum: Option<Spanned<String>>,
    /// Whether archives are unpacked, where the flag says.
    pub unpack: Option<bool>,
    /// The values of `--exclude`, which are never expanded.
    pub excludes: Vec<Spanned<String>>,
    /// The sources, unexpanded, in order.
    pub sources: Vec<Source>,
    /// The destination, unexpanded.
    pub destination: Spanned<String>,
}

/// Is one source of COPY or ADD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A path, a pattern or a URL.
    Path(Spanned<String>),
    /// A file written in the Dockerfile; its name is the word, its mode 0644.
    Heredoc(Heredoc),
}
