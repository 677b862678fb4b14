//! `syntax-error`.

use containr_dockerfile::{Code, Severity as Wrong};

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
    let refused = context.parsed.diagnostics().iter().find(|one| one.severity == Wrong::Error && is_refused(one.code));
    if let Some(error) = refused {
        out.add(Finding::foreign().voice(Peer::Hadolint, error.span, error.message.clone()));
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
