//! Every rule with its fixtures: a file that it minds and one that it does not.
//!
//! `testdata/lint/RULE/` holds `bad.Dockerfile`, what is said of it in `expected.txt`, `good.Dockerfile`, and settings
//! where the rule needs some. With UPDATE=1 in the environment the expected files and pages are written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use containr_dockerfile::parse;
use containr_lint::{Config, Dialect, Origin, Peer, Rule, Safety, Settings, Severity, ShellChecks, all, apply, lint};

mod world;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn fixtures(rule: &Rule) -> PathBuf {
    root().join("testdata/lint").join(rule.id)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn config(folder: &Path) -> Config {
    let text = fs::read_to_string(folder.join("config.yaml")).unwrap_or_default();
    let config = Settings::read(&text).expect("the settings are sound").config(Dialect::Containr);
    Config { surroundings: world::surroundings(folder), ..config }
}

/// Compares a file with what it should hold, or writes it.
fn compare(path: &Path, wanted: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::write(path, wanted).expect("the file can be written");
    }
    assert_eq!(String::from_utf8_lossy(&read(path)), wanted, "{}", path.display());
}

/// Returns what is said of a file: its remarks, and what the fixes make of it.
fn said(text: &[u8], rule: &'static Rule, config: &Config) -> String {
    let parsed = parse(text);
    let mut out = String::new();
    for one in lint(&parsed, config).into_iter().filter(|one| one.origin == Origin::Rule(rule)) {
        let (line, column) = (parsed.lines().line(one.span.start), parsed.lines().column(one.span.start));
        let source: String = parsed.text()[one.span.range()].chars().take(200).collect();
        out.push_str(&format!("{line}:{column} {} {}: {}\n    at {source:?}\n", one.severity, one.code, one.message));
        for fix in &one.fixes {
            out.push_str(&format!("    {:?} fix: {}\n", fix.safety, fix.title));
        }
    }
    let fixed = apply(text, &only(rule, config), Safety::Unsafe);
    if fixed.count > 0 {
        out.push_str(&format!("fixed:\n{}", String::from_utf8_lossy(&fixed.text)));
    }
    out
}

/// Returns the settings under which only one rule speaks.
fn only(rule: &Rule, config: &Config) -> Config {
    let others = all().filter(|other| *other != rule).map(|other| other.id.to_owned());
    Config { ignored: others.collect(), shell: ShellChecks::Off, ..config.clone() }
}

/// Tells whether a rule is told by fixtures: some rules only speak in the words of a peer, some want files that are too
/// large, and the parser has a test of its own for heredocs that cannot be read.
fn has_fixtures(rule: &Rule) -> bool {
    !["forbidden-trigger", "instruction-order", "syntax-error", "file-too-large", "line-too-long", "invalid-heredoc"]
        .contains(&rule.id)
}

#[test]
fn each_rule_minds_its_bad_file_only() {
    for rule in all().filter(|rule| has_fixtures(rule)) {
        let folder = fixtures(rule);
        let config = config(&folder);
        let bad = said(&read(&folder.join("bad.Dockerfile")), rule, &config);
        assert!(!bad.is_empty(), "{} minds its bad file", rule.id);
        compare(&folder.join("expected.txt"), &bad);
        assert_eq!(said(&read(&folder.join("good.Dockerfile")), rule, &config), "", "{} minds its good file", rule.id);
    }
}

#[test]
fn fixes_repair_what_they_are_for() {
    for rule in all().filter(|rule| has_fixtures(rule)) {
        let folder = fixtures(rule);
        let config = only(rule, &config(&folder));
        let text = read(&folder.join("bad.Dockerfile"));
        let fixed = apply(&text, &config, Safety::Unsafe);
        let left = lint(&parse(&fixed.text), &config);
        assert!(left.iter().all(|one| one.fixes.is_empty()), "{}: {left:?}", rule.id);
        assert!(fixed.count == 0 || fixed.text != text, "{}: a fix changes the text", rule.id);
    }
}

#[test]
fn names_are_unique() {
    let mut ids = BTreeSet::new();
    let mut hadolint = BTreeSet::new();
    for rule in all() {
        assert!(ids.insert(rule.id), "{} stands twice", rule.id);
        let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        assert!(rule.id.chars().all(plain), "{} is in kebab case", rule.id);
        assert!(rule.summary.ends_with('.'), "{} has a sentence", rule.id);
        assert!(rule.page.len() > 30, "{} has a page", rule.id);
        let names: Vec<&str> = rule.aliases.iter().filter(|one| one.peer == Peer::Hadolint).map(|one| one.id).collect();
        assert!(names.len() < 2, "{} has one name in hadolint", rule.id);
        assert!(names.iter().all(|name| hadolint.insert(*name)), "{names:?} stands twice");
    }
    assert_eq!(hadolint.len(), 72, "hadolint's rules and its parse error");
}

#[test]
fn every_check_of_buildkit_has_a_rule() {
    let names: BTreeSet<&str> = all().filter_map(|rule| rule.alias(Peer::BuildKit)).map(|alias| alias.id).collect();
    assert_eq!(names.len(), 22, "{names:?}");
}

#[test]
fn each_rule_has_its_page() {
    for rule in all() {
        compare(&root().join("docs/rules").join(format!("{}.md", rule.id)), &page(rule));
    }
}

fn page(rule: &Rule) -> String {
    let mut text = format!("# {}\n\n{}\n\n{}\n", rule.id, rule.summary, rule.page);
    let severity = if rule.severity == Severity::Off { "off" } else { rule.severity.name() };
    text.push_str(&format!("\nSeverity: {severity}.\n"));
    if !rule.aliases.is_empty() {
        let mut peers: BTreeMap<Peer, Vec<&str>> = BTreeMap::new();
        rule.aliases.iter().for_each(|alias| peers.entry(alias.peer).or_default().push(alias.id));
        text.push_str("\nOther names:\n\n");
        for (peer, names) in peers {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            text.push_str(&format!("- {peer:?}: {}\n", names.join(", ")));
        }
    }
    text
}

#[test]
fn what_hadolint_takes_for_text_is_no_parse_error_there() {
    let told = |text: &str| {
        let config = Config { dialect: Dialect::Hadolint, ..Config::default() };
        let found = lint(&parse(text.as_bytes()), &config);
        found.iter().map(|one| one.code.to_owned()).collect::<Vec<String>>()
    };
    for line in [
        "WORKDIR --platform=x /a",
        "ENV a=b && c",
        "LABEL =b",
        "SHELL /bin/bash -c",
        "CMD --x a",
        "COPY --from build /a /b",
    ] {
        let text = format!("FROM debian\n{line}\nRUN sudo ls\n");
        let codes = told(&text);
        assert!(codes.contains(&"DL3006".to_owned()) && codes.contains(&"DL3004".to_owned()), "{line}: {codes:?}");
    }
    assert_eq!(told("FROM debian # a note\nRUN sudo ls\n"), ["DL3004"]);
    // Flags that it reads itself are another matter.
    assert_eq!(told("FROM debian\nCOPY --form=x /a /b\n"), ["DL1000"]);
}
