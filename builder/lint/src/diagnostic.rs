//! Findings: what a rule saw, in our words and in those of the peers, and how to repair it.

use std::borrow::Cow;

use containr_dockerfile::Span;

use crate::rule::{Peer, Rule, Severity};
use crate::shellcheck::ShellCode;

/// Says where a remark comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A rule about the Dockerfile.
    Rule(&'static Rule),
    /// One of ShellCheck's codes, about a script in it.
    Shell(&'static ShellCode),
}

impl Origin {
    /// Returns the rule, if it is one.
    pub fn rule(self) -> Option<&'static Rule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Shell(_) => None,
        }
    }

    /// Returns what is wanted, in one sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.summary,
            Self::Shell(code) => code.summary(),
        }
    }
}

/// Is a remark on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule, or the code of ShellCheck.
    pub origin: Origin,
    /// The rule's name in the dialect that was asked for; ShellCheck's code is the same in all.
    pub code: &'static str,
    /// How much it matters, by the configuration.
    pub severity: Severity,
    /// The place; in a peer's dialect where the peer points.
    pub span: Span,
    /// What is wrong.
    pub message: Cow<'static, str>,
    /// Ways to repair it, the best first.
    pub fixes: Vec<Fix>,
}

/// Says what a fix may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// The text says the same thing better: the plan of the build stays as it is.
    Safe,
    /// The build may do something else afterwards.
    Unsafe,
}

/// Is a way to repair a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, for a menu.
    pub title: Cow<'static, str>,
    /// What it may change.
    pub safety: Safety,
    /// The changes in the order of the text; they do not overlap.
    pub edits: Vec<Edit>,
}

/// Is a change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Fix {
    /// Returns a fix that leaves the plan of the build as it is.
    pub(crate) fn safe(title: impl Into<Cow<'static, str>>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safety: Safety::Safe, edits }
    }

    /// Returns a fix after which the build may do something else.
    pub(crate) fn risky(title: impl Into<Cow<'static, str>>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safety: Safety::Unsafe, edits }
    }
}

impl Edit {
    /// Returns the edit that replaces a part of the text.
    pub(crate) fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Returns the edit that inserts a text.
    pub(crate) fn insert(at: u32, text: impl Into<String>) -> Self {
        Self { span: Span::new(at, at), text: text.into() }
    }

    /// Returns the edit that removes a part of the text.
    pub(crate) fn remove(span: Span) -> Self {
        Self { span, text: String::new() }
    }
}

/// Is what a peer says of a finding.
#[derive(Clone, Debug)]
pub(crate) struct Voice {
    pub(crate) peer: Peer,
    pub(crate) at: Span,
    pub(crate) message: Cow<'static, str>,
}

/// Is a finding before a dialect is chosen.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// Our own place and words; nothing where only a peer minds.
    pub(crate) own: Option<(Span, Cow<'static, str>)>,
    pub(crate) voices: Vec<Voice>,
    pub(crate) fixes: Vec<Fix>,
}

impl Finding {
    /// Begins a finding in our own words.
    pub(crate) fn new(span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self { own: Some((span, message.into())), voices: Vec::new(), fixes: Vec::new() }
    }

    /// Begins a finding that is told in the words of peers only.
    pub(crate) fn foreign() -> Self {
        Self { own: None, voices: Vec::new(), fixes: Vec::new() }
    }

    /// Adds that hadolint says so too, of the instruction at `at`, with the message of the rule's alias.
    pub(crate) fn hadolint(self, at: Span) -> Self {
        self.voice(Peer::Hadolint, at, "")
    }

    /// Adds that BuildKit says so too.
    pub(crate) fn buildkit(self, at: Span, message: impl Into<Cow<'static, str>>) -> Self {
        self.voice(Peer::BuildKit, at, message)
    }

    /// Adds what a peer says; an empty message stands for that of the rule's alias.
    pub(crate) fn voice(mut self, peer: Peer, at: Span, message: impl Into<Cow<'static, str>>) -> Self {
        self.voices.push(Voice { peer, at, message: message.into() });
        self
    }

    /// Adds a way to repair it.
    pub(crate) fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Adds a way to repair it, where there is one.
    pub(crate) fn maybe_fix(mut self, fix: Option<Fix>) -> Self {
        self.fixes.extend(fix);
        self
    }
}

/// Collects the findings of one rule.
pub(crate) struct Findings<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) found: &'a mut Vec<(&'static Rule, Finding)>,
}

impl Findings<'_> {
    /// Adds a finding.
    pub(crate) fn add(&mut self, finding: Finding) {
        self.found.push((self.rule, finding));
    }
}
