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

/// Returns the real files of the conformance data, or says aloud that there are none.
fn real_files() -> Vec<(String, Vec<u8>)> {
    let default = || root().join("../shared/conformance");
    let folder =
        std::env::var_os("CONTAINR_CONFORMANCE").map_or_else(default, PathBuf::from).join("corpus/dockerfiles");
    let Ok(files) = fs::read_dir(&folder) else {
        assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "no cases in {}", folder.display());
        eprintln!("skipped: no conformance cases in {}", folder.display());
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("the file is listed").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.display().to_string(), fs::read(&path).expect("it is readable"))).collect()
}

/// Tells which rule that has repaired something speaks more often afterwards.
fn worse(text: &[u8], limit: Safety) -> Option<String> {
    let config = Config::default();
    let fixed = apply(text, &config, limit);
    if errors(&parse(&fixed.text)) > errors(&parse(text)) {
        return Some("the text has more errors".to_owned());
    }
    let parsed = parse(text);
    let found = lint(&parsed, &config);
    let may_repair =
        |rule: &str| found.iter().any(|one| one.code == rule && one.fixes.iter().any(|fix| fix.safety <= limit));
    let (before, after) = (counts(text, &config), counts(&fixed.text, &config));
    let risen =
        after.iter().find(|(rule, count)| **count > before.get(*rule).copied().unwrap_or_default() && may_repair(rule));
    if let Some((rule, count)) = risen {
        return Some(format!("{rule} speaks {count} times instead of {}", before[rule]));
    }
    let again = apply(&fixed.text, &config, limit);
    (again.count > 0).then(|| format!("{} fixes are left", again.count))
}

#[test]
fn fixes_of_real_files_do_no_harm() {
    let mut wrong = Vec::new();
    for (name, text) in real_files() {
        let windows = String::from_utf8_lossy(&text).replace("\r\n", "\n").replace('\n', "\r\n");
        for (kind, text) in [("", text.as_slice()), (" (CRLF)", windows.as_bytes())] {
            for limit in [Safety::Safe, Safety::Unsafe] {
                wrong.extend(worse(text, limit).map(|what| format!("{name}{kind}, {limit:?}: {what}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn line_breaks_stay_what_they_are() {
    for (name, text) in real_files() {
        let text = String::from_utf8_lossy(&text).replace("\r\n", "\n").replace('\n', "\r\n");
        let fixed = apply(text.as_bytes(), &Config::default(), Safety::Unsafe);
        let lone = String::from_utf8_lossy(&fixed.text).replace("\r\n", "").contains('\n');
        assert!(!lone, "{name}: a fix writes a line break of another kind");
    }
}

#[test]
fn what_cleans_up_is_appended_once() {
    let text = b"FROM a:1\nRUN yum -y update; yum clean all; yum -y install b; yum clean all\n";
    let fixed = apply(text, &only("yum-clean", &Config::default()), Safety::Unsafe);
    assert_eq!(String::from_utf8_lossy(&fixed.text), String::from_utf8_lossy(text));
}

#[test]
fn fixes_know_the_tools_at_the_root_of_a_stage() {
    let text = b"ARG V=3\nFROM alpine:$V AS base\nFROM base\nRUN wget https://example.org/a | tee b\n";
    for (rule, wanted) in [
        ("wget-progress", "RUN wget -q https://example.org/a | tee b\n"),
        ("pipefail-missing", "SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN wget"),
    ] {
        let fixed = apply(text, &only(rule, &Config::default()), Safety::Unsafe);
        let fixed = String::from_utf8_lossy(&fixed.text).into_owned();
        assert!(fixed.contains(wanted), "{rule}: {fixed}");
    }
}
