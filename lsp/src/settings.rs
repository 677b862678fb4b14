//! What the client configures: the section `containr` of its settings. Unknown keys and odd values are passed over.

use std::collections::BTreeSet;

use containr_lint::{Config, Severity};
use serde_json::Value;

/// Are the settings of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether files are judged at all.
    pub lint: Switch,
    /// Names of rules, ours or those of peers, that are not told.
    pub ignored: BTreeSet<String>,
    /// Other severities for rules.
    pub severities: Vec<(String, Severity)>,
    /// The registries that images may come from; with none any may.
    pub trusted_registries: BTreeSet<String>,
    /// Whether BuildKit's experimental checks are on.
    pub experimental: Switch,
    /// Whether registries may be asked about tags and digests.
    pub online: Switch,
    /// Whether hints are shown between the text.
    pub hints: Switch,
    /// Whether lenses are shown above the text.
    pub lenses: Switch,
}

/// Says whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Switch {
    /// Tells whether it is on.
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lint: Switch::On,
            ignored: BTreeSet::new(),
            severities: Vec::new(),
            trusted_registries: BTreeSet::new(),
            experimental: Switch::Off,
            online: Switch::Off,
            hints: Switch::On,
            lenses: Switch::On,
        }
    }
}

impl Settings {
    /// Reads settings as clients send them: the section itself or an object that has it under `containr`.
    ///
    /// The section has `lint`: `enabled`, `ignore` (names), `severities` (an object of names and severities),
    /// `trustedRegistries`, `experimental`; `registry`: `online`; `inlayHints` and `codeLens`: `enabled`.
    pub fn read(value: &Value) -> Self {
        let section = value.get("containr").unwrap_or(value);
        let normal = Self::default();
        let lint = &section["lint"];
        let severities = lint["severities"].as_object().into_iter().flatten();
        Self {
            lint: switch(&lint["enabled"], normal.lint),
            ignored: names(&lint["ignore"]),
            severities: severities
                .filter_map(|(name, one)| Some((name.clone(), one.as_str()?.parse().ok()?)))
                .collect(),
            trusted_registries: names(&lint["trustedRegistries"]),
            experimental: switch(&lint["experimental"], normal.experimental),
            online: switch(&section["registry"]["online"], normal.online),
            hints: switch(&section["inlayHints"]["enabled"], normal.hints),
            lenses: switch(&section["codeLens"]["enabled"], normal.lenses),
        }
    }

    /// Returns the lint's settings for a file: those of its configuration files with the client's added.
    pub fn lint_config(&self, files: Config) -> Config {
        let mut config = files;
        config.ignored.extend(self.ignored.iter().cloned());
        config.severities.extend(self.severities.iter().cloned());
        config.trusted_registries.extend(self.trusted_registries.iter().cloned());
        config.experimental |= self.experimental.is_on();
        config
    }
}

fn switch(value: &Value, normal: Switch) -> Switch {
    match value.as_bool() {
        Some(true) => Switch::On,
        Some(false) => Switch::Off,
        None => normal,
    }
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_the_section_or_what_holds_it() {
        let section = json!({"lint": {"ignore": ["DL3008"], "severities": {"DL3007": "error"}}});
        let settings = Settings::read(&json!({ "containr": section }));
        assert_eq!(settings, Settings::read(&section));
        assert!(settings.ignored.contains("DL3008"));
        assert_eq!(settings.severities, [("DL3007".to_owned(), Severity::Error)]);
    }

    #[test]
    fn odd_values_are_passed_over() {
        for odd in [json!(null), json!([]), json!(7), json!({"lint": 7, "codeLens": "no"}), json!({"containr": null})] {
            assert_eq!(Settings::read(&odd), Settings::default());
        }
        let odd = json!({"lint": {"ignore": [1, "a"], "severities": {"x": "terrible", "y": 2}}});
        assert_eq!(Settings::read(&odd).ignored.len(), 1);
        assert!(Settings::read(&odd).severities.is_empty());
    }
}
