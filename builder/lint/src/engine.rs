//! Runs every rule over a file and tells the findings in a dialect.

use std::borrow::Cow;

use containr_dockerfile::{Parsed, Span};

use crate::cache::LintCache;
use crate::config::{Config, Dialect, Pragmas, ShellChecks};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Finding, Findings, Fix, Origin};
use crate::near::is_near;
use crate::order;
use crate::rule::{Peer, Rule, Severity};
use crate::rules;
use crate::shellcheck::{self, Found};
use crate::suppression::Suppressions;

/// Judges a file.
///
/// The time is linear in the text. Diagnostics stand in the order of the text; in hadolint's dialect in hadolint's.
pub fn lint(parsed: &Parsed, config: &Config) -> Vec<Diagnostic> {
    lint_with(parsed, config, &mut LintCache::of_scripts())
}

/// Judges a file as [`lint`] does; what the cache knows is not judged again.
pub fn lint_with(parsed: &Parsed, config: &Config, cache: &mut LintCache) -> Vec<Diagnostic> {
    let context = Context::new(parsed, config, &cache.scripts);
    let mut found = Vec::new();
    let heard: Vec<&'static Rule> = rules::all().filter(|rule| is_heard(rule, config)).collect();
    // A peer's words are not remembered.
    let near = cache.near.as_mut().filter(|_| config.dialect.peer().is_none());
    for rule in heard.iter().copied().filter(|rule| near.is_none() || !is_near(rule)) {
        (rule.check)(&context, &mut Findings { rule, found: &mut found });
    }
    if let Some(near) = near {
        let rules: Vec<&'static Rule> = heard.into_iter().filter(|rule| is_near(rule)).collect();
        near.judge(&context, &rules, &mut found);
    }
    let told = Teller {
        parsed,
        config,
        context: &context,
        suppressions: suppressions(parsed, config).filter(|all| !all.is_empty()),
    };
    let mut diagnostics: Vec<Diagnostic> = Vec::with_capacity(found.len());
    for (rule, finding) in found {
        told.tell(rule, finding, &mut diagnostics);
    }
    if config.shell == ShellChecks::On && config.dialect != Dialect::BuildKit {
        let found = shellcheck::check(&context, &mut cache.shell);
        diagnostics.extend(found.into_iter().filter_map(|found| told.tell_of_shell(found)));
    }
    arrange(&mut diagnostics, parsed, config.dialect);
    diagnostics
}

/// Tells whether anything that a rule finds is told: a rule that is off, or that the peer does not have, costs nothing.
fn is_heard(rule: &Rule, config: &Config) -> bool {
    let is_known = config.dialect.peer().is_none_or(|peer| rule.alias(peer).is_some());
    is_known && config.severity(rule) != Severity::Off
}

fn suppressions(parsed: &Parsed, config: &Config) -> Option<Suppressions> {
    match config.pragmas {
        Pragmas::Obey => Some(Suppressions::read(parsed, config.checks(parsed))),
        Pragmas::Disregard => None,
    }
}

struct Teller<'a> {
    parsed: &'a Parsed,
    config: &'a Config,
    context: &'a Context<'a>,
    /// The comments that silence rules, where there are any.
    suppressions: Option<Suppressions>,
}

impl Teller<'_> {
    /// Adds what a finding is in the dialect: nothing where the peer has none or a comment silences it.
    fn tell(&self, rule: &'static Rule, finding: Finding, told: &mut Vec<Diagnostic>) {
        let severity = self.config.severity(rule);
        let Finding { own, voices, fixes } = finding;
        let make = |code: &'static str, span: Span, message: Cow<'static, str>, fixes: Vec<Fix>| Diagnostic {
            origin: Origin::Rule(rule),
            code,
            severity,
            span,
            message,
            fixes,
        };
        match self.config.dialect.peer() {
            None => told.extend(
                own.map(|(span, message)| make(rule.id, span, message, fixes)).filter(|one| !self.is_silenced(one)),
            ),
            Some(peer) => {
                let heard = voices.into_iter().filter(|voice| voice.peer == peer);
                let all = heard.filter_map(|voice| {
                    let alias = rule.alias(voice.peer)?;
                    let says = if voice.message.is_empty() { Cow::Borrowed(alias.says) } else { voice.message };
                    Some(make(alias.id, voice.at, says, fixes.clone()))
                });
                told.extend(all.filter(|one| !self.is_silenced(one)));
            }
        }
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
        let Some(suppressions) = &self.suppressions else { return false };
        let line = match self.config.dialect {
            Dialect::Hadolint => self.parsed.lines().line(diagnostic.span.start),
            _ => self.instruction_line(diagnostic.span),
        };
        suppressions.cover(diagnostic.origin, line, self.config.dialect)
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
