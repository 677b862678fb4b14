//! What ShellCheck would say of the scripts in a Dockerfile.
//!
//! The way of a RUN: its *body* is the text that a shell reads, with a map back to the file; the *scope* knows the
//! shell and the environment at that place; both make a *script* that the *linter* judges, or the *cache* remembers;
//! places and repairs are carried back to the file.

mod body;
mod cache;
mod carry;
pub(crate) mod codes;
pub(crate) mod dialect;
mod directive;
mod errexit;
mod grammar;
mod linter;
mod misspelling;
mod printf;
mod scope;
mod shuck;
mod supplement;
mod variables;

use std::borrow::Cow;

pub(crate) use cache::ShellCache;
pub use codes::ShellCode;
use containr_dockerfile::Span;

use self::body::Body;
use self::dialect::{Language, Shell, hadolint_reads};
use self::linter::{Remark, Script};
use self::scope::{Place, Scope};
use self::shuck::Shuck;
use crate::config::Dialect;
use crate::context::{Context, Step};
use crate::diagnostic::Fix;
use crate::rule::Severity;

/// Is a finding in a script, at its place in the file.
pub(crate) struct Found {
    pub(crate) code: &'static ShellCode,
    pub(crate) severity: Severity,
    pub(crate) span: Span,
    pub(crate) message: Cow<'static, str>,
    pub(crate) fix: Option<Fix>,
}

/// Judges every shell text of a file; those of triggers come last.
pub(crate) fn check(context: &Context<'_>, cache: &mut ShellCache) -> Vec<Found> {
    let mut scope = Scope::new(context);
    let mut found = Vec::new();
    let mut of_triggers = Vec::new();
    let mut triggers = context.triggers.iter();
    for step in &context.steps {
        scope.enter(step);
        if step.run().is_some() {
            judge(context, &scope, (step, Place::Step), cache, &mut found);
        }
        if matches!(step.kind(), containr_dockerfile::syntax::Kind::Onbuild(_))
            && let Some(trigger) = triggers.next()
        {
            judge(context, &scope, (trigger, Place::Trigger), cache, &mut of_triggers);
        }
    }
    found.append(&mut of_triggers);
    found
}

fn judge(
    context: &Context<'_>,
    scope: &Scope<'_, '_>,
    (step, place): (&Step<'_>, Place),
    cache: &mut ShellCache,
    found: &mut Vec<Found>,
) {
    let Some(body) = body(context, step) else { return };
    let dialect = match (scope.language(place), body.shebang) {
        (Language::Foreign, _) | (_, Some(Language::Foreign | Language::Unsupported)) => return,
        (Language::Unsupported, _) => return found.push(unsupported(step)),
        (_, Some(Language::Shell(own))) => own,
        (Language::Shell(dialect), None) => dialect,
    };
    let environment = scope.known(body.names(), place);
    let misspelt = misspelling::remarks(&body.text, &environment, || scope.all(place));
    let remarks = cache.lint(&Script::new(dialect, &environment, &body.text), &Shuck);
    // hadolint takes a file of Windows for one of Linux.
    let unwanted = |one: &Remark| context.config.dialect == Dialect::Hadolint && one.code.id == "SC1017";
    let mut remarks: Vec<&Remark> =
        remarks.iter().filter(|remark| !is_indentation(remark, &body) && !unwanted(remark)).chain(&misspelt).collect();
    match context.config.dialect {
        Dialect::Hadolint => found.extend(as_hadolint(&remarks, &body.text, step.span, scope.shell(place))),
        _ => {
            grammar::one_for_each_mistake(&mut remarks);
            let homed = remarks.iter().map(|remark| carry::home(remark, &body, context.parsed, step.span));
            found.extend(homed.filter(|one| !directive::silences(one, context.parsed.text())));
        }
    }
}

/// Tells whether a remark minds blanks that are the indentation of a continued line.
fn is_indentation(remark: &Remark, body: &Body) -> bool {
    remark.code.id == "SC2291" && body.map.seamless(remark.range.start.saturating_sub(1), remark.range.end).is_none()
}

/// Returns the text of a RUN; hadolint has its own idea of heredocs.
fn body(context: &Context<'_>, step: &Step<'_>) -> Option<Body> {
    let body = Body::of(step.run()?, context.parsed)?;
    if context.config.dialect != Dialect::Hadolint {
        return Some(body);
    }
    let mut text = step.script()?.text.clone();
    // A continuation that the end of the file cuts off is a part of the text.
    let file = context.parsed.text();
    if file.ends_with(context.parsed.escape().char())
        && file.get(step.span.end as usize..).is_none_or(|rest| rest.len() < 2)
    {
        text.push('\\');
    }
    hadolint_reads(&text).then_some(Body { text, shebang: None, ..body })
}

/// Tells remarks as hadolint does: of each RUN the one that ShellCheck tells last, at the first line of the RUN.
///
/// It collects them in a set in which remarks on one line are equal, and all of a RUN are on its first line.
fn as_hadolint(remarks: &[&Remark], text: &str, span: Span, shell: &Shell) -> Option<Found> {
    let relative = (!shell.is_absolute())
        .then(|| supplement::remark("SC2239", "the name of a shell in `#!` is an absolute path", 0..0));
    let all = relative.iter().chain(remarks.iter().copied());
    let last = all.max_by_key(|one| (one.range.start, one.severity, one.code.id, &one.message))?;
    // The line before is one of hadolint's own, and `&` or `|` cannot begin the next.
    let begins = last.range.start == 0 && last.code.id == "SC1070";
    let code = if begins && text.starts_with(['&', '|']) { codes::find("SC1133")? } else { last.code };
    Some(Found { code, severity: last.severity, span, message: last.message.clone().into(), fix: None })
}

/// Tells that a shell is none that ShellCheck knows.
fn unsupported(step: &Step<'_>) -> Found {
    let code = codes::find("SC1071").expect("the code is in the table");
    let message = "ShellCheck only supports sh/bash/dash/ksh/'busybox sh' scripts. Sorry!";
    Found { code, severity: code.severity, span: step.span, message: message.into(), fix: None }
}
