//! The parser's remarks as rules: one for each of its codes.

use containr_dockerfile::{Code, Severity as Wrong};

use super::repair::repair;
use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Rule, Severity, utils};

/// Tells every remark of the parser that has a code.
fn tell(context: &Context<'_>, out: &mut Findings<'_>, code: Code) {
    for remark in context.parsed.diagnostics().iter().filter(|remark| remark.code == code) {
        let finding = Finding::new(remark.span, remark.message.clone());
        out.add(repair(context, remark).into_iter().fold(finding, Finding::fix));
    }
}

/// Says how bad a remark is: the parser's errors stop a build.
const fn severity(wrong: Wrong) -> Severity {
    match wrong {
        Wrong::Error => Severity::Error,
        Wrong::Warning => Severity::Warning,
    }
}

macro_rules! rules {
    ($($code:ident $id:literal $severity:ident $summary:literal [$($alias:expr),*],)+) => {
        /// One rule for each code, those aside that a rule of its own tells.
        pub(super) const RULES: &[&Rule] = &[$(
            &Rule {
                id: $id,
                severity: severity(Wrong::$severity),
                summary: $summary,
                page: "The parser tells this: BuildKit refuses the file, or reads it otherwise than it looks.",
                aliases: &[$($alias),*],
                check: |context, out| tell(context, out, Code::$code),
            },
        )+];
    };
}

rules! {
    NoInstructions "no-instructions" Error "The file has no instruction." [utils("NO_SOURCE_IMAGE")],
    FileTooLarge "file-too-large" Error "The text is larger than a span can address." [],
    LineTooLong "line-too-long" Warning "A line is longer than other builders read." [],
    InvalidUtf8 "invalid-utf8" Error "An instruction holds bytes that are not UTF-8." [],
    DuplicateDirective "duplicate-directive" Error "A parser directive stands twice." [utils("DUPLICATED_ESCAPE_DIRECTIVE")],
    InvalidEscape "invalid-escape" Error "The escape directive names neither backslash nor backtick." [utils("INVALID_ESCAPE_DIRECTIVE")],
    InvalidCheck "invalid-check" Error "The check directive cannot be read." [],
    UnknownInstruction "unknown-instruction" Error "The first word of a line is no instruction." [utils("UNKNOWN_INSTRUCTION")],
    NoStage "no-stage" Error "An instruction that belongs to a stage stands before the first FROM." [utils("NO_SOURCE_IMAGE")],
    MissingArgument "missing-argument" Error "An instruction lacks an argument." [utils("ARGUMENT_MISSING"), utils("ARGUMENT_REQUIRES_ONE"), utils("ARGUMENT_REQUIRES_AT_LEAST_ONE"), utils("ARGUMENT_REQUIRES_TWO"), utils("ARGUMENT_REQUIRES_AT_LEAST_TWO"), utils("HEALTHCHECK_CMD_ARGUMENT_MISSING"), utils("SHELL_REQUIRES_ONE")],
    ExtraArgument "extra-argument" Error "An instruction has more arguments than it takes." [utils("ARGUMENT_EXTRA"), utils("ARGUMENT_REQUIRES_ONE_OR_THREE"), utils("ARGUMENT_UNNECESSARY"), utils("INVALID_AS")],
    EmptyArgument "empty-argument" Error "An argument is empty." [],
    UnknownArgument "unknown-argument" Error "An argument is none of those that the instruction knows." [utils("UNKNOWN_TYPE")],
    UnknownFlag "unknown-flag" Error "A flag is not one of the instruction's." [utils("UNKNOWN_ADD_FLAG"), utils("UNKNOWN_COPY_FLAG"), utils("UNKNOWN_FROM_FLAG"), utils("UNKNOWN_HEALTHCHECK_FLAG")],
    DuplicateFlag "duplicate-flag" Error "A flag stands twice that may stand once." [utils("FLAG_DUPLICATE")],
    MissingFlagValue "missing-flag-value" Error "A flag lacks its value." [utils("FLAG_MISSING_VALUE"), utils("FLAG_MISSING_DURATION")],
    InvalidFlagValue "invalid-flag-value" Error "The value of a flag cannot be read." [utils("FLAG_INVALID_DURATION"), utils("FLAG_LESS_THAN_1MS"), utils("FLAG_UNKNOWN_UNIT"), utils("FLAG_AT_LEAST_ONE"), utils("FLAG_EXPECTED_BOOLEAN_VALUE"), utils("FLAG_INVALID_LINK_VALUE"), utils("FLAG_INVALID_FROM_VALUE")],
    InvalidMount "invalid-mount" Error "The options of a mount contradict each other or cannot be read." [],
    InvalidDevice "invalid-device" Error "A device request cannot be read." [],
    JsonNotStrings "json-not-strings" Error "A JSON array holds something other than strings." [],
    JsonRequired "json-required" Error "An argument must be a JSON array." [utils("SHELL_JSON_FORM")],
    InvalidPair "invalid-pair" Error "A word of ENV, LABEL or ARG has no equals sign or no name." [utils("SYNTAX_MISSING_EQUALS"), utils("SYNTAX_MISSING_NAMES")],
    InvalidStageName "invalid-stage-name" Error "A stage's name is no valid name." [utils("INVALID_BUILD_STAGE_NAME")],
    UnterminatedHeredoc "unterminated-heredoc" Error "A heredoc has no line that ends it." [],
    InvalidHeredoc "invalid-heredoc" Error "The word of a heredoc cannot be read." [],
    HeredocDestination "heredoc-destination" Error "The destination of a copy is a heredoc." [],
    InvalidTrigger "invalid-trigger" Error "An instruction may not be a trigger." [utils("ONBUILD_CHAINING_DISALLOWED"), utils("ONBUILD_TRIGGER_DISALLOWED")],
}
