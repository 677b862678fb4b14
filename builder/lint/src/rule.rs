//! What a rule is, and the names it has in other tools.

use std::fmt;
use std::str::FromStr;

use crate::context::Context;
use crate::diagnostic::Findings;

/// Says how much a finding matters; the order is hadolint's, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file is wrong.
    Error,
    /// The file does something that will hurt.
    Warning,
    /// The file could do better.
    Info,
    /// The file could look better.
    Style,
    /// The finding is not told.
    Off,
}

impl Severity {
    /// Returns the name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Style => "style",
            Self::Off => "ignore",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Says that a word names no severity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown severity `{0}`")]
pub struct UnknownSeverity(pub String);

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, UnknownSeverity> {
        let all = [Self::Error, Self::Warning, Self::Info, Self::Style, Self::Off];
        let found = all.into_iter().find(|one| one.name() == text || (text == "none" && *one == Self::Off));
        found.ok_or_else(|| UnknownSeverity(text.to_owned()))
    }
}

/// Names a tool whose rules have counterparts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// hadolint: `DL3000`.
    Hadolint,
    /// BuildKit's build checks: `WorkdirRelativePath`.
    BuildKit,
    /// dockerfile-utils, of which the Dockerfile language server is made: `INVALID_PORT`.
    DockerfileUtils,
    /// Trivy's misconfiguration checks: `DS-0009`.
    Trivy,
    /// checkov: `CKV_DOCKER_10`.
    Checkov,
    /// semgrep's registry: `use-workdir`.
    Semgrep,
    /// Docker Scout in the language server of Docker: `recommended_tag`.
    Scout,
}

/// Is the name of a rule in another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The tool.
    pub peer: Peer,
    /// The rule's name there.
    pub id: &'static str,
    /// What the tool says, where it always says the same.
    pub says: &'static str,
}

impl Alias {
    /// Tells whether a name is this one, compared as its tool does.
    pub fn is(&self, name: &str) -> bool {
        match self.peer {
            Peer::Trivy => self.is_trivys(name),
            // semgrep's names are often written with their whole path.
            Peer::Semgrep => name.rsplit('.').next() == Some(self.id),
            _ => name == self.id,
        }
    }

    /// Trivy also knows `AVD-DS-0001`, `DS001` and `docker-NAME`, and a star for any end.
    fn is_trivys(&self, name: &str) -> bool {
        let plain = name.strip_prefix("AVD-").or_else(|| name.strip_prefix("docker-")).unwrap_or(name);
        let number = |text: &str| text.strip_prefix("DS")?.trim_start_matches('-').parse::<u32>().ok();
        match plain.strip_suffix('*') {
            Some(start) => self.id.starts_with(start),
            None => plain == self.id || (number(plain).is_some() && number(plain) == number(self.id)),
        }
    }
}

/// Is a rule: one concept with its name, its description and its check.
pub struct Rule {
    /// The name in kebab case.
    pub id: &'static str,
    /// The severity where no configuration says otherwise.
    pub severity: Severity,
    /// What the rule wants, in one sentence.
    pub summary: &'static str,
    /// The page of the documentation: why, and what to do, in Markdown.
    pub page: &'static str,
    /// The names in other tools.
    pub aliases: &'static [Alias],
    /// Looks for violations.
    pub(crate) check: fn(&Context<'_>, &mut Findings<'_>),
}

impl Rule {
    /// Returns the name of the rule in a tool.
    pub fn alias(&self, peer: Peer) -> Option<&'static Alias> {
        self.aliases.iter().find(|alias| alias.peer == peer)
    }

    /// Tells whether the rule is known by a name, its own or one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.id == name || self.aliases.iter().any(|alias| alias.is(name) || alias.id.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rule").field("id", &self.id).finish_non_exhaustive()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// Returns the name of a rule in hadolint and its message there.
pub(crate) const fn hadolint(id: &'static str, says: &'static str) -> Alias {
    Alias { peer: Peer::Hadolint, id, says }
}

/// Returns the name of a rule among BuildKit's checks; its messages depend on the finding.
pub(crate) const fn buildkit(id: &'static str) -> Alias {
    Alias { peer: Peer::BuildKit, id, says: "" }
}

/// Returns the name of a rule in dockerfile-utils.
pub(crate) const fn utils(id: &'static str) -> Alias {
    Alias { peer: Peer::DockerfileUtils, id, says: "" }
}

/// Returns the name of a rule in Trivy.
pub(crate) const fn trivy(id: &'static str) -> Alias {
    Alias { peer: Peer::Trivy, id, says: "" }
}

/// Returns the name of a rule in checkov.
pub(crate) const fn checkov(id: &'static str) -> Alias {
    Alias { peer: Peer::Checkov, id, says: "" }
}

/// Returns the name of a rule in semgrep's registry.
pub(crate) const fn semgrep(id: &'static str) -> Alias {
    Alias { peer: Peer::Semgrep, id, says: "" }
}

/// Returns the name of a rule in Docker Scout.
pub(crate) const fn scout(id: &'static str) -> Alias {
    Alias { peer: Peer::Scout, id, says: "" }
}
