//! Judges word expansion by BuildKit's own table of cases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use containr_dockerfile::expand::{Dialect, Quotes, Unset, expand, expand_word};

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn table(name: &str) -> Option<String> {
    let folder = std::env::var_os("CONTAINR_CONFORMANCE")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"), PathBuf::from);
    let file = folder.join("buildkit-shell").join(name);
    let text = std::fs::read_to_string(&file).ok();
    if text.is_none() {
        assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "{} is absent", file.display());
        eprintln!("skipped: no conformance data");
    }
    text
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn buildkit_words() {
    let Some(text) = table("envVarTest") else { return };
    let set = variables(&[("PWD", "/home"), ("SHELL", "bash"), ("KOREAN", "한국어"), ("NULL", "")]);
    let mut rows = 0;
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let [platform, input, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("not three columns: {line}");
        };
        rows += 1;
        if platform == "W" {
            continue;
        }
        let result = expand_word(input, '\\', &set);
        let shown = result.as_ref().map_or("error", |expanded| expanded.text.as_str());
        assert_eq!(shown, expected, "{line}");
    }
    assert!(rows > 200, "only {rows} rows");
}

#[test]
fn buildkit_word_lists() {
    let Some(text) = table("wordsTest") else { return };
    let raw = Dialect { quotes: Quotes::Keep, unset: Unset::Keep, ..Dialect::argument('\\') };
    let mut set = BTreeMap::new();
    let mut rows = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, value)) = line.strip_prefix("ENV ").and_then(|pair| pair.trim_start().split_once('=')) {
            set.insert(name.to_owned(), value.to_owned());
            continue;
        }
        let (input, expected) = line.split_once('|').expect("two columns");
        let expected = expected.trim_start_matches(' ').split(',').collect::<Vec<_>>();
        let result = expand_word(input.trim(), '\\', &set);
        assert_eq!(result.map_or_else(|_| vec!["error".to_owned()], |expanded| expanded.words), expected, "{line}");
        assert_eq!(expand(input.trim(), raw, &set).is_err(), expected == ["error"], "{line}");
        rows += 1;
    }
    assert!(rows > 20, "only {rows} rows");
}
