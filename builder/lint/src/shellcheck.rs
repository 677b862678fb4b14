//! What ShellCheck would say of the scripts in a Dockerfile.
//!
//! The way of a RUN: its *body* is the text that a shell reads, with a map back to the file; the *scope* knows the
//! shell and the environment at that place; both make a *script* that the *linter* judges, or the *cache* remembers;
//! places and repairs are carried back to the file.

mod body;
mod cache;
mod carry;
pub(crate) mod codes;
mod dialect;
mod linter;
mod scope;
mod shuck;

use std::borrow::Cow;
use std::sync::Arc;

pub use cache::ShellCache;
pub use codes::ShellCode;
use containr_dockerfile::Span;

use self::body::Body;
use self::dialect::{Language, ShellDialect};
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
    let language = match (scope.language(place), body.shebang) {
        (Language::Shell(_), Some(own)) => own,
        (language, _) => language,
    };
    let remarks = match language {
        Language::Foreign => return,
        Language::Unsupported => return found.push(unsupported(step)),
        Language::Shell(dialect) => remarks(&body, dialect, scope, place, cache),
    };
    match context.config.dialect {
        Dialect::Hadolint => found.extend(as_hadolint(&remarks, step.span)),
        _ => found.extend(remarks.iter().map(|remark| carry::home(remark, &body, context.parsed, step.span))),
    }
}

/// Returns the text of a RUN; hadolint has its own idea of heredocs.
fn body(context: &Context<'_>, step: &Step<'_>) -> Option<Body> {
    let body = Body::of(step.run()?, context.parsed)?;
    if context.config.dialect != Dialect::Hadolint {
        return Some(body);
    }
    let script = step.script()?;
    Some(Body { text: script.text.clone(), ..body })
}

fn remarks(
    body: &Body,
    dialect: ShellDialect,
    scope: &Scope<'_, '_>,
    place: Place,
    cache: &mut ShellCache,
) -> Arc<[Remark]> {
    let environment = scope.known(body.names(), place);
    cache.lint(&Script::new(dialect, &environment, &body.text), &Shuck)
}

/// Tells remarks as hadolint does: at the first line of the RUN, each once, the last in its order first.
fn as_hadolint(remarks: &[Remark], span: Span) -> Vec<Found> {
    let mut sorted: Vec<&Remark> = remarks.iter().collect();
    let key = |one: &Remark| (one.code.id, one.severity, one.message.clone());
    sorted.sort_by_key(|one| key(one));
    sorted.dedup_by_key(|one| key(one));
    let tell = |one: &Remark| Found {
        code: one.code,
        severity: one.severity,
        span,
        message: one.message.clone().into(),
        fix: None,
    };
    sorted.into_iter().rev().map(tell).collect()
}

/// Tells that a shell is none that ShellCheck knows.
fn unsupported(step: &Step<'_>) -> Found {
    let code = codes::find("SC1071").expect("the code is in the table");
    let message = "ShellCheck only supports sh/bash/dash/ksh/'busybox sh' scripts. Sorry!";
    Found { code, severity: code.severity, span: step.span, message: message.into(), fix: None }
}
