//! RUN and the two forms of a command.

use std::borrow::Cow;

use super::{Heredoc, Mount};
use crate::span::{Span, Spanned};

/// Is a RUN instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The command after the flags; an empty shell text is allowed.
    pub command: Command,
    /// The heredocs in the order of their bodies; an exec form has none.
    pub heredocs: Vec<Heredoc>,
    /// The values of `--mount` in order.
    pub mounts: Vec<Mount>,
    /// The value of `--network`.
    pub network: Option<Spanned<Network>>,
    /// The value of `--security`.
    pub security: Option<Spanned<Security>>,
    /// The values of `--device` in order.
    pub devices: Vec<Device>,
}

/// Is a command in one of its two forms, unexpanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A text for the shell.
    Shell(Spanned<String>),
    /// A list of words out of a JSON array.
    Exec(Vec<Spanned<String>>),
}

/// Says what a RUN executes, with its heredocs resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script<'a> {
    /// The words of an exec form.
    Exec(&'a [Spanned<String>]),
    /// A text for the shell.
    Shell(Cow<'a, str>),
    /// A sole heredoc that begins with `#!`: a file at `/dev/pipes/NAME`, mode 0755, whose path is the shell's text.
    File {
        /// The heredoc's word.
        name: &'a str,
        /// The file's content.
        content: Cow<'a, str>,
    },
}

impl Run {
    /// Returns what is executed: BuildKit's three ways with heredocs and the plain forms.
    pub fn script(&self) -> Script<'_> {
        let text = match &self.command {
            Command::Exec(words) => return Script::Exec(words),
            Command::Shell(text) => &text.value,
        };
        let Some(first) = self.heredocs.first() else { return Script::Shell(Cow::Borrowed(text)) };
        if !crate::heredoc::is_word(text) {
            return Script::Shell(Cow::Owned(with_bodies(text, &self.heredocs)));
        }
        let content = first.text();
        if content.starts_with("#!") {
            return Script::File { name: &first.name.value, content };
        }
        Script::Shell(content)
    }
}

/// Returns `text` followed by every body and its closing word, as a shell reads heredocs.
pub(crate) fn with_bodies(text: &str, heredocs: &[Heredoc]) -> String {
    let mut whole = text.to_owned();
    for heredoc in heredocs {
        whole.push('\n');
        whole.push_str(&heredoc.content.value);
        whole.push_str(&heredoc.name.value);
    }
    whole
}

/// Is the network that a RUN sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Network {
    /// The build's default.
    #[default]
    Default,
    /// None but loopback.
    None,
    /// The host's.
    Host,
}

/// Is the confinement of a RUN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Security {
    /// The usual sandbox.
    #[default]
    Sandbox,
    /// Elevated privileges.
    Insecure,
}

/// Is a device that a RUN asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The whole value of the flag.
    pub span: Span,
    /// The device's CDI name.
    pub name: String,
    /// Whether the build fails without it.
    pub required: bool,
}
