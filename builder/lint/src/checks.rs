//! BuildKit's build checks as `docker build --check` tells them: which warnings, in which order, as text and as JSON.

mod json;
mod known;
mod order;
mod text;
mod unstable;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use containr_dockerfile::Parsed;
use containr_dockerfile::syntax::Check;

use crate::config::{Config, Dialect};
use crate::engine::lint;
use crate::reach::reached;

pub use json::render as render_json;
pub use text::{Excerpts, render as render_text};

/// Is a warning of the build checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// BuildKit's name of the rule.
    pub rule: &'static str,
    /// What the rule is about, for every warning of it the same.
    pub description: &'static str,
    /// The page of BuildKit's documentation.
    pub url: String,
    /// What is wrong here.
    pub detail: String,
    /// The lines of the instruction, counted from 1.
    pub lines: RangeInclusive<u32>,
    /// The place of the instruction.
    pub span: containr_dockerfile::Span,
}

impl Warning {
    /// Returns the line that a build shows of a warning.
    pub fn short(&self) -> String {
        format!("{}: {} (line {})", self.rule, self.detail, self.lines.start())
    }
}

/// Says which stages' instructions are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Those of every stage, as for a check without a target.
    AllStages,
    /// Those that the stage of this name needs.
    Target(&'a str),
    /// Those that the last stage needs.
    LastStage,
}

/// Is what stops a Dockerfile from being built at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What is wrong.
    pub message: String,
    /// The lines in question, counted from 1; none where it is not about a place.
    pub lines: Option<RangeInclusive<u32>>,
}

/// Returns the warnings in the order in which BuildKit comes upon them.
///
/// `settings` replace the directive of the file, as the build argument BUILDKIT_DOCKERFILE_CHECK does.
pub fn warnings(parsed: &Parsed, settings: Option<&Check>, scope: Scope<'_>) -> Vec<Warning> {
    let config = Config { dialect: Dialect::BuildKit, checks: settings.cloned(), ..Config::default() };
    let lines = parsed.lines();
    let mut found: Vec<Warning> = lint(parsed, &config)
        .into_iter()
        .filter_map(|one| {
            let rule = known::find(one.code)?;
            let lines = lines.line(one.span.start)..=lines.line(one.span.end);
            let (detail, span) = (one.message.into_owned(), one.span);
            Some(Warning { rule: rule.name, description: rule.description, url: rule.url(), detail, lines, span })
        })
        .collect();
    let target = match scope {
        Scope::AllStages => None,
        Scope::Target(name) => Some(parsed.syntax().stages.iter().rposition(|stage| is_called(stage, name))),
        Scope::LastStage => Some(parsed.syntax().stages.len().checked_sub(1)),
    };
    if let Some(Some(target)) = target {
        let reached = reached(parsed, target);
        found.retain(|one| known::is_of_every_stage(one.rule) || stage_of(parsed, one).is_none_or(|at| reached[at]));
    }
    order::sort(&mut found, parsed);
    found
}

/// Returns what stops the build: the first error of the text, or a warning where the settings forbid any.
pub fn obstacle(parsed: &Parsed, settings: Option<&Check>, warnings: &[Warning]) -> Option<Obstacle> {
    let error = parsed.diagnostics().iter().find(|one| one.severity == containr_dockerfile::Severity::Error);
    if let Some(error) = error {
        let lines = parsed.lines().lines(error.span);
        let message = format!("dockerfile parse error on line {}: {}", lines.start(), error.message);
        return Some(Obstacle { message, lines: Some(lines) });
    }
    if !forbids_warnings(parsed, settings) || warnings.is_empty() {
        return None;
    }
    let rules: BTreeSet<&str> = warnings.iter().map(|one| one.rule).collect();
    let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
    Some(Obstacle { message: format!("lint violation found for rules: {rules}"), lines: None })
}

/// Tells whether a warning fails the build (`error=true`).
pub fn forbids_warnings(parsed: &Parsed, settings: Option<&Check>) -> bool {
    let directive = parsed.syntax().directives.check.as_ref().map(|check| &check.value);
    settings.or(directive).is_some_and(|check| check.error)
}

fn is_called(stage: &containr_dockerfile::syntax::Stage, name: &str) -> bool {
    stage.name.as_ref().is_some_and(|own| own.value.eq_ignore_ascii_case(name))
}

/// Returns the stage that a warning stands in.
fn stage_of(parsed: &Parsed, warning: &Warning) -> Option<usize> {
    parsed.syntax().stages.partition_point(|stage| stage.span.start <= warning.span.start).checked_sub(1)
}
