//! Runs every rule over a file and tells the findings in a dialect.

use std::borrow::Cow;

use containr_dockerfile::{Parsed, Span};

use crate::config::{Config, Dialect, Pragmas, ShellChecks};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Finding, Findings, Origin};
use crate::order;
use crate::rule::{Peer, Rule, Severity};
use crate::rules;
use crate::shellcheck::{self, Found, ShellCache};
use crate::suppression::Suppressions;

/// Judges a file.
///
/// The time is linear in the text. Diagnostics stand in the order of the text; in hadolint's dialect in hadolint's.
pub fn lint(parsed: &Parsed, config: &Config) -> Vec<Diagnostic> {
    lint_with(parsed, config, &mut ShellCache::new())
}

/// Judges a file as [`lint`] does; scripts that the cache knows are not read again.
///
/// One cache serves any number of files and settings.
pub fn lint_with(parsed: &Parsed, config: &Config, cache: &mut ShellCache) -> Vec<Diagnostic> {
    let context = Context::new(parsed, config);
    let mut found = Vec::new();
    for rule in rules::all() {
        // A rule that is off, or that the peer does not have, costs nothing.
        let is_heard = config.dialect.peer().is_none_or(|peer| rule.alias(peer).is_some());
        if is_heard && config.severity(rule) != Severity::Off {
            (rule.check)(&context, &mut Findings { rule, found: &mut found });
        }
    }
    let told = Teller { parsed, config, context: &context, suppressions: suppressions(parsed, config) };
    let mut diagnostics: Vec<Diagnostic> =
        found.into_iter().flat_map(|(rule, finding)| told.tell(rule, finding)).collect();
    if config.shell == ShellChecks::On && config.dialect != Dialect::BuildKit {
        let found = shellcheck::check(&context, cache);
        diagnostics.extend(found.into_iter().filter_map(|found| told.tell_of_shell(found)));
    }
    arrange(&mut diagnostics, parsed, config.dialect);
    diagnostics
}

fn suppressions(parsed: &Parsed, config: &Config) -> Suppressions {
    match config.pragmas {
        Pragmas::Obey => Suppressions::read(parsed, config.checks(parsed)),
        Pragmas::Disregard => Suppressions::default(),
    }
}

struct Teller<'a> {
    parsed: &'a Parsed,
    config: &'a Config,
    context: &'a Context<'a>,
    suppressions: Suppressions,
}

impl Teller<'_> {
    /// Returns what a finding is in the dialect: nothing where the peer has none or a comment silences it.
    fn tell(&self, rule: &'static Rule, finding: Finding) -> Vec<Diagnostic> {
        let severity = self.config.severity(rule);
        let Finding { own, voices, fixes } = finding;
        let make = |code: &'static str, span: Span, message: Cow<'static, str>| Diagnostic {
            origin: Origin::Rule(rule),
            code,
            severity,
            span,
            message,
            fixes: fixes.clone(),
        };
        let told: Vec<Diagnostic> = match self.config.dialect.peer() {
            None => own.into_iter().map(|(span, message)| make(rule.id, span, message)).collect(),
            Some(peer) => {
                let heard = voices.into_iter().filter(|voice| voice.peer == peer);
                let alias = |voice: &crate::diagnostic::Voice| rule.alias(voice.peer);
                heard
                    .filter_map(|voice| {
                        let alias = alias(&voice)?;
                        let says = if voice.message.is_empty() { Cow::Borrowed(alias.says) } else { voice.message };
                        Some(make(alias.id, voice.at, says))
                    })
                    .collect()
            }
        };
        told.into_iter().filter(|one| !self.is_silenced(one)).collect()
    }

    /// Returns what a finding in a script is, unless the settings or a comment silence it.
    fn tell_of_shell(&self, found: Found) -> Option<Diagnostic> {
        let severity = self.config.shell_severity(found.code, found.severity);
        let diagnostic = Diagnostic {
            origin: Origin::Shell(found.code),
            code: found.code.id,
            severity,
            span: found.span,
            message: found.message,
            fixes: found.fix.into_iter().collect(),
        };
        (severity != Severity::Off && !self.is_silenced(&diagnostic)).then_some(diagnostic)
    }

    fn is_silenced(&self, diagnostic: &Diagnostic) -> bool {
        let line = match self.config.dialect {
            Dialect::Hadolint => self.parsed.lines().line(diagnostic.span.start),
            _ => self.instruction_line(diagnostic.span),
        };
        self.suppressions.cover(diagnostic.origin, line, self.config.dialect)
    }

    /// Returns the first line of the instruction that a place is part of.
    fn instruction_line(&self, span: Span) -> u32 {
        let steps = &self.context.steps;
        let index = steps.partition_point(|step| step.span.start <= span.start);
        let start = match index.checked_sub(1).map(|before| steps[before].span) {
            Some(inside) if span.start <= inside.end => inside.start,
            _ => span.start,
        };
        self.parsed.lines().line(start)
    }
}

fn arrange(diagnostics: &mut Vec<Diagnostic>, parsed: &Parsed, dialect: Dialect) {
    if dialect != Dialect::Hadolint {
        diagnostics.sort_by(|left, right| left.span.cmp(&right.span).then_with(|| left.code.cmp(right.code)));
        return;
    }
    // hadolint runs its rules in the order of their numbers, ShellCheck after them, then sorts by line. A parse error ends everything.
    if let Some(error) = diagnostics.iter().position(|one| one.code == "DL1000") {
        let error = diagnostics.swap_remove(error);
        *diagnostics = vec![error];
        return;
    }
    diagnostics.sort_by_key(|one| one.origin.rule().map_or("SC", |_| one.code));
    let lines: Vec<u32> = diagnostics.iter().map(|one| parsed.lines().line(one.span.start)).collect();
    let mut slots: Vec<Option<Diagnostic>> = std::mem::take(diagnostics).into_iter().map(Some).collect();
    diagnostics.extend(order::hadolint(&lines).into_iter().filter_map(|index| slots[index].take()));
    let is_theirs = |one: &Diagnostic| one.origin.rule().is_none_or(|rule| rule.alias(Peer::Hadolint).is_some());
    debug_assert!(diagnostics.iter().all(is_theirs), "only its rules speak");
}
