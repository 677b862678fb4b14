//! hadolint's settings: its YAML file, its variables of the environment, and how they are put together.

use std::collections::{BTreeMap, BTreeSet};

use saphyr::{LoadableYamlNode as _, ScanError, Yaml};

use super::{Config, Dialect, LabelKind, Pragmas};
use crate::rule::Severity;

/// Why a settings file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The text is no YAML.
    #[error("the settings are no YAML")]
    Syntax(#[source] ScanError),
    /// A key has a value of the wrong kind.
    #[error("`{0}` has a value of the wrong kind")]
    Kind(String),
}

/// Are settings as hadolint has them, each may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether the exit code is 0 whatever is found.
    pub no_fail: Option<bool>,
    /// Whether the output has no colours.
    pub no_color: Option<bool>,
    /// Whether the settings are told on standard error.
    pub verbose: Option<bool>,
    /// The names of output formats.
    pub formats: Vec<String>,
    /// Rules with another severity, in the order error, warning, info, style.
    pub overrides: [Vec<String>; 4],
    /// Rules that are not told.
    pub ignored: Vec<String>,
    /// The registries that images may come from.
    pub trusted_registries: BTreeSet<String>,
    /// The labels that must be there.
    pub labels: BTreeMap<String, LabelKind>,
    /// Whether other labels are remarked on.
    pub strict_labels: Option<bool>,
    /// Whether comments may not silence rules.
    pub disable_ignore_pragma: Option<bool>,
    /// The mildest severity that makes the exit code 1.
    pub failure_threshold: Option<Severity>,
}

const LEVELS: [(&str, Severity); 4] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info), ("style", Severity::Style)];

impl Settings {
    /// Reads `.hadolint.yaml`.
    ///
    /// Unknown keys are left out of account, as hadolint does. Errors where the text is no YAML or a known key has a
    /// value of another kind.
    pub fn read(text: &str) -> Result<Self, ConfigError> {
        let documents = Yaml::load_from_str(text).map_err(ConfigError::Syntax)?;
        let Some(root) = documents.first().filter(|root| !root.is_null()) else { return Ok(Self::default()) };
        if !root.is_mapping() {
            return Err(ConfigError::Kind("the settings".to_owned()));
        }
        let mut settings = Self {
            no_fail: boolean(root, "no-fail")?,
            no_color: boolean(root, "no-color")?,
            verbose: boolean(root, "verbose")?,
            formats: list(root, "formats")?,
            ignored: list(root, "ignored")?,
            trusted_registries: list(root, "trustedRegistries")?.into_iter().collect(),
            strict_labels: boolean(root, "strict-labels")?,
            disable_ignore_pragma: boolean(root, "disable-ignore-pragma")?,
            ..Self::default()
        };
        settings.formats.extend(word(root, "format")?);
        if let Some(levels) = value(root, "override") {
            for (slot, (name, _)) in settings.overrides.iter_mut().zip(LEVELS) {
                *slot = list(levels, name)?;
            }
        }
        settings.labels = labels(root)?;
        let threshold = word(root, "failure-threshold")?.map(|text| text.parse());
        settings.failure_threshold = threshold.transpose().map_err(|_| kind("failure-threshold"))?;
        Ok(settings)
    }

    /// Reads hadolint's variables; `variable` gives the value of one.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let truth = |name: &str| {
            let value = variable(name)?.to_lowercase();
            Some(["1", "y", "on", "true", "yes"].contains(&value.as_str()))
        };
        let names = |name: &str| -> Vec<String> {
            variable(name).map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default()
        };
        let labels = names("HADOLINT_REQUIRE_LABELS").into_iter().filter_map(|text| label(&text));
        Self {
            no_fail: truth("HADOLINT_NOFAIL"),
            no_color: variable("NO_COLOR").map(|_| true),
            verbose: truth("HADOLINT_VERBOSE"),
            formats: names("HADOLINT_FORMAT"),
            overrides: ["ERROR", "WARNING", "INFO", "STYLE"].map(|level| names(&format!("HADOLINT_OVERRIDE_{level}"))),
            ignored: names("HADOLINT_IGNORE"),
            trusted_registries: names("HADOLINT_TRUSTED_REGISTRIES").into_iter().collect(),
            labels: labels.collect(),
            strict_labels: truth("HADOLINT_STRICT_LABELS"),
            disable_ignore_pragma: truth("HADOLINT_DISABLE_IGNORE_PRAGMA"),
            failure_threshold: variable("HADOLINT_FAILURE_THRESHOLD").and_then(|text| text.parse().ok()),
        }
    }

    /// Puts stronger settings over these: what both have is joined or taken from `stronger`.
    pub fn under(mut self, stronger: Self) -> Self {
        self.no_fail = stronger.no_fail.or(self.no_fail);
        self.no_color = stronger.no_color.or(self.no_color);
        self.verbose = stronger.verbose.or(self.verbose);
        self.formats.extend(stronger.formats);
        for (slot, names) in self.overrides.iter_mut().zip(stronger.overrides) {
            slot.extend(names);
        }
        self.ignored.extend(stronger.ignored);
        self.trusted_registries.extend(stronger.trusted_registries);
        // The first one that names a label decides on its kind, as in hadolint.
        for (name, kind) in stronger.labels {
            self.labels.entry(name).or_insert(kind);
        }
        self.strict_labels = stronger.strict_labels.or(self.strict_labels);
        self.disable_ignore_pragma = stronger.disable_ignore_pragma.or(self.disable_ignore_pragma);
        self.failure_threshold = stronger.failure_threshold.or(self.failure_threshold);
        self
    }

    /// Returns the listing of all settings that hadolint's `--verbose` tells.
    pub fn shown(&self) -> String {
        let truth = |value: Option<bool>| if value == Some(true) { "True" } else { "False" };
        let quoted = |names: &[String]| listed(names.iter().map(|name| format!("\"{name}\"")));
        let threshold = self.failure_threshold.unwrap_or(Severity::Info);
        let mut out = "Configuration:\n".to_owned();
        let mut tell = |title: &str, value: String| out.push_str(&format!("  {title}:{value}\n"));
        tell("no fail", format!(" {}", truth(self.no_fail)));
        tell("no color", format!(" {}", truth(self.no_color)));
        tell("output format", listed(self.formats.iter().cloned()));
        tell("failure threshold", format!(" {threshold}"));
        for (names, (level, _)) in self.overrides.iter().zip(LEVELS) {
            tell(&format!("override {level}"), quoted(names));
        }
        tell("override ignore", quoted(&self.ignored));
        tell("strict labels", format!(" {}", truth(self.strict_labels)));
        tell("label schema", listed(self.labels.iter().map(|(name, kind)| format!("{name}: {kind}"))));
        tell("disable ignore pragma", format!(" {}", truth(self.disable_ignore_pragma)));
        tell("allowed registries", listed(self.trusted_registries.iter().map(|name| format!("- {name}"))));
        out
    }

    /// Returns what the rules need of the settings.
    pub fn config(&self, dialect: Dialect) -> Config {
        let levels = self.overrides.iter().zip(LEVELS);
        let disregard = self.disable_ignore_pragma == Some(true);
        Config {
            dialect,
            ignored: self.ignored.iter().cloned().collect(),
            severities: levels
                .flat_map(|(names, (_, level))| names.iter().map(move |name| (name.clone(), level)))
                .collect(),
            trusted_registries: self.trusted_registries.clone(),
            labels: self.labels.clone(),
            strict_labels: self.strict_labels == Some(true),
            pragmas: if disregard { Pragmas::Disregard } else { Pragmas::Obey },
            ..Config::default()
        }
    }
}

/// Returns a list as lines below its title.
fn listed(items: impl Iterator<Item = String>) -> String {
    let lines: String = items.map(|item| format!("\n    - {item}")).collect();
    if lines.is_empty() { "\n    none".to_owned() } else { lines }
}

/// Reads `name:kind`.
fn label(text: &str) -> Option<(String, LabelKind)> {
    let (name, kind) = text.split_once(':').unwrap_or((text, ""));
    Some((name.to_owned(), kind.parse().ok()?))
}

fn kind(name: &str) -> ConfigError {
    ConfigError::Kind(name.to_owned())
}

fn value<'a>(root: &'a Yaml<'a>, name: &str) -> Option<&'a Yaml<'a>> {
    root.as_mapping_get(name).filter(|value| !value.is_null())
}

fn boolean(root: &Yaml<'_>, name: &str) -> Result<Option<bool>, ConfigError> {
    value(root, name).map(|value| value.as_bool().ok_or_else(|| kind(name))).transpose()
}

fn word(root: &Yaml<'_>, name: &str) -> Result<Option<String>, ConfigError> {
    value(root, name).map(|value| value.as_str().map(str::to_owned).ok_or_else(|| kind(name))).transpose()
}

fn list(root: &Yaml<'_>, name: &str) -> Result<Vec<String>, ConfigError> {
    let Some(value) = value(root, name) else { return Ok(Vec::new()) };
    let entries = value.as_vec().ok_or_else(|| kind(name))?;
    entries.iter().map(|entry| entry.as_str().map(str::to_owned).ok_or_else(|| kind(name))).collect()
}

fn labels(root: &Yaml<'_>) -> Result<BTreeMap<String, LabelKind>, ConfigError> {
    let wrong = || kind("label-schema");
    let Some(value) = value(root, "label-schema") else { return Ok(BTreeMap::new()) };
    let entries = value.as_mapping().ok_or_else(wrong)?;
    let read = |(name, value): (&Yaml<'_>, &Yaml<'_>)| {
        let kind = value.as_str().and_then(|text| text.parse().ok());
        Some((name.as_str()?.to_owned(), kind?))
    };
    entries.iter().map(|entry| read(entry).ok_or_else(wrong)).collect()
}
