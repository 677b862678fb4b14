//! What the parser has to say about a text: a closed set of codes, each with a place and a sentence.

use crate::span::Span;

/// Is one remark of the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where the cause stands.
    pub span: Span,
    /// Whether the text can be built in spite of it.
    pub severity: Severity,
    /// Which kind of remark it is.
    pub code: Code,
    /// What is wrong, as a lower-case fragment that names the thing.
    pub message: String,
    /// What to write at `span` instead, where one spelling is likely meant.
    pub suggestion: Option<String>,
}

/// Says whether a remark stops a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The text has no meaning and cannot be built.
    Error,
    /// The text has a meaning, probably not the wanted one.
    Warning,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// Names a kind of remark.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// Lists every code in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the stable kebab-case name of the code.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    /// The file has no instruction.
    NoInstructions = "no-instructions",
    /// The text is larger than a span can address.
    FileTooLarge = "file-too-large",
    /// A line is longer than other builders read.
    LineTooLong = "line-too-long",
    /// An instruction holds bytes that are not UTF-8.
    InvalidUtf8 = "invalid-utf8",
    /// A parser directive stands twice.
    DuplicateDirective = "duplicate-directive",
    /// The escape directive names neither backslash nor backtick.
    InvalidEscape = "invalid-escape",
    /// The check directive cannot be read.
    InvalidCheck = "invalid-check",
    /// An empty line stands inside a continued instruction.
    EmptyContinuation = "empty-continuation",
    /// The first word of a line is no instruction.
    UnknownInstruction = "unknown-instruction",
    /// An instruction that belongs to a stage stands before the first FROM.
    NoStage = "no-stage",
    /// An instruction lacks an argument.
    MissingArgument = "missing-argument",
    /// An instruction has more arguments than it takes.
    ExtraArgument = "extra-argument",
    /// An argument is empty.
    EmptyArgument = "empty-argument",
    /// An argument is none of those that the instruction knows.
    UnknownArgument = "unknown-argument",
    /// A flag is not one of the instruction's.
    UnknownFlag = "unknown-flag",
    /// A flag stands twice that may stand once.
    DuplicateFlag = "duplicate-flag",
    /// A flag lacks its value.
    MissingFlagValue = "missing-flag-value",
    /// The value of a flag cannot be read.
    InvalidFlagValue = "invalid-flag-value",
    /// The options of a mount contradict each other or cannot be read.
    InvalidMount = "invalid-mount",
    /// A device request cannot be read.
    InvalidDevice = "invalid-device",
    /// A JSON array holds something other than strings.
    JsonNotStrings = "json-not-strings",
    /// An argument must be a JSON array.
    JsonRequired = "json-required",
    /// A word of ENV, LABEL or ARG has no equals sign or no name.
    InvalidPair = "invalid-pair",
    /// A stage's name is no valid name.
    InvalidStageName = "invalid-stage-name",
    /// A heredoc has no line that ends it.
    UnterminatedHeredoc = "unterminated-heredoc",
    /// The word of a heredoc cannot be read.
    InvalidHeredoc = "invalid-heredoc",
    /// The destination of a copy is a heredoc.
    HeredocDestination = "heredoc-destination",
    /// An instruction may not be a trigger.
    InvalidTrigger = "invalid-trigger",
}

/// Collects remarks while a text is read.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds an error.
    pub(crate) fn error(&mut self, span: Span, code: Code, message: impl Into<String>) {
        self.push(span, Severity::Error, code, message.into());
    }

    /// Adds a warning.
    pub(crate) fn warning(&mut self, span: Span, code: Code, message: impl Into<String>) {
        self.push(span, Severity::Warning, code, message.into());
    }

    /// Adds an error with the spelling that was likely meant.
    pub(crate) fn misspelt(&mut self, span: Span, code: Code, message: String, suggestion: Option<String>) {
        let message = match &suggestion {
            Some(word) => format!("{message}; did you mean `{word}`?"),
            None => message,
        };
        self.found.push(Diagnostic { span, severity: Severity::Error, code, message, suggestion });
    }

    /// Returns the number of remarks so far, a mark for [`Self::errors_since`] and [`Self::soften_since`].
    pub(crate) fn mark(&self) -> usize {
        self.found.len()
    }

    /// Tells whether an error came after `mark`.
    pub(crate) fn errors_since(&self, mark: usize) -> bool {
        self.found[mark..].iter().any(|one| one.severity == Severity::Error)
    }

    /// Turns the errors after `mark` into warnings.
    pub(crate) fn soften_since(&mut self, mark: usize) {
        for one in &mut self.found[mark..] {
            one.severity = Severity::Warning;
        }
    }

    /// Returns the remarks in the order of the text.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|one| one.span);
        self.found
    }

    fn push(&mut self, span: Span, severity: Severity, code: Code, message: String) {
        self.found.push(Diagnostic { span, severity, code, message, suggestion: None });
    }
}
