//! Fixes as a whole: which concepts of other tools have one, that it repairs what it is for, and that it does no harm.

#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use containr_dockerfile::{Parsed, Severity as Wrong, parse};
use containr_lint::{Config, Dialect, Safety, Settings, all, apply, find, lint};

mod concepts;
mod world;
use concepts::{CONCEPTS, Way};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the bad file of a rule with its settings.
fn fixture(rule: &str) -> (Vec<u8>, Config) {
    let folder = root().join("testdata/lint").join(rule);
    let text = fs::read(folder.join("bad.Dockerfile")).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let settings = fs::read_to_string(folder.join("config.yaml")).unwrap_or_default();
    let config = Settings::read(&settings).expect("the settings are sound").config(Dialect::Containr);
    (text, Config { surroundings: world::surroundings(&folder), ..config })
}

/// Returns the settings under which only one rule speaks.
fn only(rule: &str, config: &Config) -> Config {
    let others = all().filter(|other| other.id != rule).map(|other| other.id.to_owned());
    Config { ignored: others.collect(), ..config.clone() }
}

/// Counts the findings of each rule.
fn counts(text: &[u8], config: &Config) -> BTreeMap<&'static str, usize> {
    let mut found = BTreeMap::new();
    lint(&parse(text), config).iter().for_each(|one| *found.entry(one.code).or_default() += 1);
    found
}

fn errors(parsed: &Parsed) -> usize {
    parsed.diagnostics().iter().filter(|one| one.severity == Wrong::Error).count()
}

/// Tells why the fixes of a rule are not good for a text; nothing where they are.
fn fault(rule: &str, text: &[u8], config: &Config) -> Option<String> {
    let alone = only(rule, config);
    let fixed = apply(text, &alone, Safety::Unsafe);
    if fixed.count == 0 {
        return Some("no fix".to_owned());
    }
    let (before, after) = (counts(text, &alone), counts(&fixed.text, &alone));
    if after.values().sum::<usize>() >= before.values().sum() {
        return Some(format!("{} findings of {} are left", after.len(), before.len()));
    }
    let parsed = parse(&fixed.text);
    if errors(&parsed) > errors(&parse(text)) {
        return Some("the text has more errors".to_owned());
    }
    None
}

#[test]
fn a_hundred_concepts_have_a_fix() {
    let mut repaired = 0;
    for (id, rule, way) in &CONCEPTS {
        let wrong = match way {
            Way::None => continue,
            Way::Fixture => {
                let (text, config) = fixture(rule);
                fault(rule, &text, &config)
            }
            Way::Text(text) => fault(rule, text.as_bytes(), &Config::default()),
        };
        assert_eq!(wrong, None, "{id} ({rule})");
        repaired += 1;
    }
    assert!(repaired >= 100, "{repaired} of {} concepts", CONCEPTS.len());
}

#[test]
fn the_union_of_all_tools_has_154_concepts() {
    assert_eq!(CONCEPTS.len(), 154);
    for (id, rule, _) in CONCEPTS {
        assert!(all().any(|one| one.id == rule), "{id}: no rule {rule}");
        assert!(find(id).is_some(), "{id} is unknown");
    }
}
