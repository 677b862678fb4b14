//! `syntax-error`.

use containr_dockerfile::{Code, Diagnostic as Wrongness, Severity as Wrong};

use crate::context::Context;
use crate::diagnostic::{Finding, Findings};
use crate::rule::{Peer, Rule, Severity, hadolint};

/// Wants a file that can be read.
pub(super) const RULE: Rule = Rule {
    id: "syntax-error",
    severity: Severity::Error,
    summary: "Wants a file that can be read.",
    page: "hadolint stops at the first thing that it cannot read and says so as DL1000.",
    aliases: &[hadolint("DL1000", "")],
    check,
};

fn check(context: &Context<'_>, out: &mut Findings<'_>) {
    // In our own words every remark of the parser is a rule of its own.
    let errors = context.parsed.diagnostics().iter().filter(|one| one.severity == Wrong::Error);
    let refused = errors.into_iter().find(|one| is_refused(one.code) && !is_text_there(context, one));
    if let Some(error) = refused {
        out.add(Finding::foreign().voice(Peer::Hadolint, error.span, error.message.clone()));
    }
}

/// Tells whether hadolint takes for text of the instruction what a builder takes for a wrong flag or a word too many.
fn is_text_there(context: &Context<'_>, error: &Wrongness) -> bool {
    let step =
        context.steps.iter().find(|step| step.span.start <= error.span.start && error.span.start <= step.span.end);
    let Some(step) = step else { return false };
    let keyword = step.instruction.keyword.value.to_ascii_uppercase();
    match error.code {
        Code::UnknownFlag => !matches!(keyword.as_str(), "ADD" | "COPY" | "FROM" | "HEALTHCHECK"),
        Code::ExtraArgument => keyword == "FROM",
        // Without a value it is taken for a path there.
        Code::MissingFlagValue => keyword == "COPY",
        Code::InvalidPair => matches!(keyword.as_str(), "ENV" | "LABEL"),
        Code::JsonRequired => true,
        _ => false,
    }
}

/// Tells whether hadolint refuses a file for such an error too.
fn is_refused(code: Code) -> bool {
    use Code::{DuplicateDirective, FileTooLarge, InvalidCheck, InvalidStageName, InvalidTrigger, InvalidUtf8};
    use Code::{
        HeredocDestination, InvalidDevice, InvalidEscape, InvalidMount, NoInstructions, NoStage, UnknownArgument,
    };
    !matches!(
        code,
        DuplicateDirective
            | FileTooLarge
            | InvalidCheck
            | InvalidStageName
            | InvalidTrigger
            | InvalidUtf8
            | HeredocDestination
            | InvalidDevice
            | InvalidEscape
            | InvalidMount
            | NoInstructions
            | NoStage
            | UnknownArgument
    )
}
