//! The typed syntax tree: what a Dockerfile says, with every value as it was written and the place of it.
//!
//! Values that BuildKit expands are kept unexpanded; the planner expands them with the variables of their stage.

mod copy;
mod health;
mod heredoc;
mod mount;
mod run;

pub use copy::{Add, Copy, Source};
pub use health::{Healthcheck, Probe};
pub use heredoc::Heredoc;
pub use mount::{Mount, MountError, MountKey, MountKind, MountOption, MountSettings, Sharing};
pub(crate) use run::with_bodies;
pub use run::{Command, Device, Network, Run, Script, Security};

use crate::span::{Span, Spanned};

/// Is a whole Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The parser directives at the top.
    pub directives: Directives,
    /// The ARG instructions before the first FROM, in order.
    pub global_args: Vec<Instruction>,
    /// The stages in order; the last one is the default target.
    pub stages: Vec<Stage>,
    /// Other instructions before the first FROM, each with an error diagnostic.
    pub orphans: Vec<Instruction>,
}

impl Dockerfile {
    /// Returns every instruction in the order of the text, FROM included.
    pub fn instructions(&self) -> impl Iterator<Item = &Instruction> {
        let mut head: Vec<&Instruction> = self.global_args.iter().chain(&self.orphans).collect();
        head.sort_by_key(|one| one.span);
        let stages = self.stages.iter().flat_map(|stage| std::iter::once(&stage.from).chain(&stage.instructions));
        head.into_iter().chain(stages)
    }
}

/// Are the parser directives, the `# key = value` lines at the very top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// The front end that the author wants: the first word of the `syntax` directive.
    pub syntax: Option<Spanned<String>>,
    /// The escape character, where the directive names a valid one.
    pub escape: Option<Spanned<Escape>>,
    /// The settings of the build checks.
    pub check: Option<Spanned<Check>>,
}

/// Is the character that escapes and continues lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Escape {
    /// The backslash, the default.
    #[default]
    Backslash,
    /// The backtick, for Windows paths.
    Backtick,
}

impl Escape {
    /// Returns the character itself.
    pub fn char(self) -> char {
        match self {
            Self::Backslash => '\\',
            Self::Backtick => '`',
        }
    }
}

/// Are the settings of the `check` directive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// The rules that are switched off.
    pub skip: Rules,
    /// The experimental rules that are switched on.
    pub experimental: Rules,
    /// Whether a remark of the checks fails the build.
    pub error: bool,
}

/// Is a choice among the rules of the build checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Every rule (`all`).
    All,
    /// The rules with these names, as written.
    Named(Vec<String>),
}

impl Default for Rules {
    fn default() -> Self {
        Self::Named(Vec::new())
    }
}

/// Is a build stage: a FROM and what follows it up to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The name after AS in lower case.
    pub name: Option<Spanned<String>>,
    /// The base as written: an image, an earlier stage or `scratch`; empty when FROM has none.
    pub base: Spanned<String>,
    /// The value of `--platform`.
    pub platform: Option<Spanned<String>>,
    /// The description out of the comments above: the text after the stage's name.
    pub description: Option<String>,
    /// The instructions after FROM in order.
    pub instructions: Vec<Instruction>,
    /// From the start of FROM to the end of the last instruction.
    pub span: Span,
    /// The FROM instruction itself.
    pub from: Instruction,
}

/// Is one instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// From the first byte of the keyword's line to the end of the last line that belongs to it, heredocs included and
    /// the line break excluded.
    pub span: Span,
    /// The keyword as written.
    pub keyword: Spanned<String>,
    /// The flags as written, in order.
    pub flags: Vec<Flag>,
    /// The text with continuations joined, comments dropped and white space at both ends removed, without the bodies of
    /// heredocs: what history shows.
    pub original: String,
    /// The comment lines above since the instruction before, without `#`; an empty comment line begins a new list.
    pub comments: Vec<Spanned<String>>,
    /// What the instruction says.
    pub kind: Kind,
}

/// Is a flag of an instruction, `--name` or `--name=value`, with quotes and escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The whole flag.
    pub span: Span,
    /// The name without the dashes.
    pub name: Spanned<String>,
    /// What follows the equals sign.
    pub value: Option<Spanned<String>>,
}

/// Is what an instruction says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Begins a stage.
    From(From),
    /// Runs a command.
    Run(Run),
    /// Copies files of the context, a stage or an image.
    Copy(Copy),
    /// Copies files, archives and things that have a URL.
    Add(Add),
    /// Sets environment variables.
    Env(Vec<Pair>),
    /// Declares build arguments.
    Arg(Vec<ArgDeclaration>),
    /// Sets labels.
    Label(Vec<Pair>),
    /// Sets the default command; an empty exec list is allowed.
    Cmd(Command),
    /// Sets the entry point; an empty exec list removes it.
    Entrypoint(Command),
    /// Sets the shell that runs shell forms.
    Shell(Vec<Spanned<String>>),
    /// Sets the working directory.
    Workdir(Spanned<String>),
    /// Sets the user.
    User(Spanned<String>),
    /// Names ports, in the order of the text.
    Expose(Vec<Spanned<String>>),
    /// Names volumes, none of them empty.
    Volume(Vec<Spanned<String>>),
    /// Sets the signal that stops a container.
    StopSignal(Spanned<String>),
    /// Sets or removes the health check.
    Healthcheck(Healthcheck),
    /// Keeps an instruction for the images that are built on this one.
    Onbuild(Onbuild),
    /// Names the author.
    Maintainer(Spanned<String>),
    /// Is an instruction without a meaning; an error diagnostic says why.
    Unknown,
}

/// Is a FROM instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The base as written.
    pub base: Spanned<String>,
    /// The name after AS in lower case.
    pub name: Option<Spanned<String>>,
    /// The value of `--platform`.
    pub platform: Option<Spanned<String>>,
}

/// Is a name and its value in ENV or LABEL, both unexpanded and with their quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What stands before the delimiter, never empty.
    pub name: Spanned<String>,
    /// What stands after it.
    pub value: Spanned<String>,
    /// How the two are parted.
    pub delimiter: Delimiter,
}

/// Says how a name and its value are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// `name=value`.
    Equals,
    /// The legacy `name value`.
    Space,
}

/// Is a build argument that ARG declares, unexpanded and with its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgDeclaration {
    /// The argument's name.
    pub name: Spanned<String>,
    /// The default; `Some("")` differs from no default.
    pub default: Option<Spanned<String>>,
    /// The description out of the comments above: the text after the argument's name.
    pub description: Option<String>,
}

/// Is an ONBUILD instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onbuild {
    /// The instruction that is kept; its heredocs are its own.
    ///
    /// What its layer of BuildKit checks when it runs is a warning here, because the image can be built.
    pub trigger: Box<Instruction>,
    /// The text for the image's configuration: the trigger with continuations joined, then the heredocs.
    pub expression: String,
}
