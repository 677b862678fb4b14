//! What a user says about rules: severities, ignored names, allowed registries, wanted labels.

pub(crate) mod hadolint;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use containr_dockerfile::Parsed;
use containr_dockerfile::syntax::Check;

use crate::rule::{Peer, Rule, Severity};
use crate::shellcheck::ShellCode;
use crate::surroundings::Surroundings;

/// Says in whose words findings are told, and whose rules of suppression hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Our own: every rule, every way of suppression, exact places.
    #[default]
    Containr,
    /// hadolint's: its rules, identifiers, messages, lines and order.
    Hadolint,
    /// BuildKit's build checks: its rules, names and messages.
    BuildKit,
}

impl Dialect {
    /// Returns the tool whose words are used.
    pub(crate) fn peer(self) -> Option<Peer> {
        match self {
            Self::Containr => None,
            Self::Hadolint => Some(Peer::Hadolint),
            Self::BuildKit => Some(Peer::BuildKit),
        }
    }
}

/// Says whether comments in the file may silence rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pragmas {
    /// They may.
    #[default]
    Obey,
    /// They are comments.
    Disregard,
}

/// Says whether the scripts in a file are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ShellChecks {
    /// They are, save for BuildKit's dialect, which knows nothing of them.
    #[default]
    On,
    /// They are not.
    Off,
}

/// Is what the value of a label must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LabelKind {
    /// An e-mail address.
    Email,
    /// A commit of git, long or of seven digits.
    GitHash,
    /// Any text but an empty one.
    Text,
    /// A time by RFC 3339.
    Rfc3339,
    /// A version by semantic versioning.
    SemVer,
    /// The identifier of a licence.
    Spdx,
    /// A URL.
    Url,
}

/// Says that a word names no kind of label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of label `{0}`")]
pub struct UnknownLabelKind(pub String);

impl fmt::Display for LabelKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Email => "email",
            Self::GitHash => "hash",
            Self::Text => "text",
            Self::Rfc3339 => "rfc3339",
            Self::SemVer => "semver",
            Self::Spdx => "spdx",
            Self::Url => "url",
        })
    }
}

impl FromStr for LabelKind {
    type Err = UnknownLabelKind;

    fn from_str(text: &str) -> Result<Self, UnknownLabelKind> {
        Ok(match text {
            "email" => Self::Email,
            "hash" => Self::GitHash,
            "text" | "" => Self::Text,
            "rfc3339" => Self::Rfc3339,
            "semver" => Self::SemVer,
            "spdx" => Self::Spdx,
            "url" => Self::Url,
            _ => return Err(UnknownLabelKind(text.to_owned())),
        })
    }
}

/// Are the settings of a run; the default has every rule at its own severity.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// In whose words findings are told.
    pub dialect: Dialect,
    /// Names of rules, ours or those of peers, that are not told.
    pub ignored: BTreeSet<String>,
    /// Other severities for rules, by any of their names; of several the mildest named later holds.
    pub severities: Vec<(String, Severity)>,
    /// The registries that images may come from; with none any may. `*` stands for any beginning or end.
    pub trusted_registries: BTreeSet<String>,
    /// The labels that must be there, and what they must look like.
    pub labels: BTreeMap<String, LabelKind>,
    /// Whether other labels are remarked on.
    pub strict_labels: bool,
    /// Whether comments may silence rules.
    pub pragmas: Pragmas,
    /// What stands in for the file's `check` directive: BUILDKIT_DOCKERFILE_CHECK.
    pub checks: Option<Check>,
    /// Whether the experimental checks of BuildKit are on.
    pub experimental: bool,
    /// What is known beside the file.
    pub surroundings: Surroundings,
    /// Whether scripts are judged.
    pub shell: ShellChecks,
}

impl Config {
    /// Returns the settings of the build checks: those given, else the file's.
    pub(crate) fn checks<'a>(&'a self, parsed: &'a Parsed) -> Option<&'a Check> {
        let directive = parsed.syntax().directives.check.as_ref();
        self.checks.as_ref().or_else(|| directive.map(|check| &check.value))
    }

    /// Returns the severity of a rule.
    pub(crate) fn severity(&self, rule: &Rule) -> Severity {
        if self.ignored.iter().any(|name| rule.is_called(name)) {
            return Severity::Off;
        }
        self.named(|name| rule.is_called(name)).unwrap_or(rule.severity)
    }

    /// Returns the severity of one of ShellCheck's codes, which is `usual` where nothing is said of it.
    pub(crate) fn shell_severity(&self, code: &ShellCode, usual: Severity) -> Severity {
        if self.ignored.contains(code.id) {
            return Severity::Off;
        }
        self.named(|name| name == code.id).unwrap_or(usual)
    }

    fn named(&self, is_called: impl Fn(&str) -> bool) -> Option<Severity> {
        // hadolint applies its lists in the order error, warning, info, style: the last one wins.
        self.severities.iter().filter(|(name, _)| is_called(name)).map(|(_, severity)| *severity).max()
    }
}
