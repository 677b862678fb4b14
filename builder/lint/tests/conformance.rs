//! The rules against what hadolint and BuildKit say of real files and of cases.
//!
//! The files lie outside of the repository, in the folder that `CONTAINR_CONFORMANCE` names. What differs for a reason
//! is told in docs/lint-differences.md.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a gate shows its figures, and says when it is skipped")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use containr_dockerfile::parse;
use containr_lint::{Config, Dialect, Settings, ShellChecks, lint};
use serde_json::Value;

/// Returns the folder of cases, or says aloud that there is none.
fn corpus() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance");
    let root = std::env::var_os("CONTAINR_CONFORMANCE").map_or_else(default, PathBuf::from);
    let folder = root.join("corpus");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "no cases in {}", folder.display());
    eprintln!("skipped: no conformance cases in {}", folder.display());
    None
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).expect("the file is JSON")
}

/// A remark: its line, its rule and its text.
type Remark = (u64, String, String);

/// Says whether files that a peer gives up on may have more remarks with us.
#[derive(Clone, Copy, PartialEq)]
enum Extra {
    Counts,
    Allowed,
}

/// Counts, for each rule, remarks of both, of us alone and of the peer alone.
#[derive(Default)]
struct Score {
    rules: BTreeMap<String, [usize; 3]>,
    differences: Vec<String>,
}

impl Score {
    fn compare(&mut self, name: &str, ours: &[Remark], theirs: &[Remark], extra: Extra) {
        let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (ours.iter().collect(), theirs.iter().collect());
        for (line, rule, text) in &ours {
            let both = theirs.contains(&(*line, rule.clone(), text.clone()));
            if both || extra == Extra::Counts {
                self.rules.entry(rule.clone()).or_default()[usize::from(!both)] += 1;
            }
            if !both && extra == Extra::Counts {
                self.differences.push(format!("{name}:{line} only ours: {rule} {text}"));
            }
        }
        for (line, rule, text) in theirs.difference(&ours) {
            self.rules.entry(rule.clone()).or_default()[2] += 1;
            self.differences.push(format!("{name}:{line} only theirs: {rule} {text}"));
        }
    }

    /// Prints the figures and wants at least 98 % of both for every rule.
    fn judge(&self, title: &str) {
        self.print(title);
        let poor = |[both, ours, theirs]: &[usize; 3]| ratio(*both, *ours).min(ratio(*both, *theirs)) < 98.0;
        let poor: Vec<&String> = self.rules.iter().filter(|(_, counts)| poor(counts)).map(|(rule, _)| rule).collect();
        assert!(poor.is_empty(), "{title}: below 98 %: {poor:?}");
    }

    /// Prints the figures and wants both in all to be at least as much as `floor`, in per cent.
    fn judge_total(&self, title: &str, floor: f64) {
        let [both, ours, theirs] = self.print(title);
        assert!(ratio(both, ours).min(ratio(both, theirs)) >= floor, "{title}: below {floor} %");
    }

    fn print(&self, title: &str) -> [usize; 3] {
        self.differences.iter().for_each(|line| println!("{line}"));
        let mut total = [0; 3];
        for (rule, [both, ours, theirs]) in &self.rules {
            let (precision, recall) = (ratio(*both, *ours), ratio(*both, *theirs));
            println!("{title} {rule}: {both} agreed, precision {precision:.1} %, recall {recall:.1} %");
            total = [total[0] + both, total[1] + ours, total[2] + theirs];
        }
        let [both, ours, theirs] = total;
        let (precision, recall) = (ratio(both, ours), ratio(both, theirs));
        println!("{title}: {both} agreed, {ours} only ours, {theirs} only theirs: {precision:.1} %, {recall:.1} %");
        total
    }
}

fn ratio(both: usize, other: usize) -> f64 {
    if both + other == 0 { 100.0 } else { both as f64 * 100.0 / (both + other) as f64 }
}

fn ours(text: &[u8], config: &Config) -> Vec<Remark> {
    let parsed = parse(text);
    let told = lint(&parsed, config).into_iter();
    told.map(|one| {
        let line = parsed.lines().line(one.span.start);
        (line.into(), one.code.to_owned(), one.message.into_owned())
    })
    .collect()
}

fn theirs(list: &Value, rule: &str, text: &str) -> Vec<Remark> {
    let list = list.as_array().expect("remarks are a list");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter().map(|one| (one["line"].as_u64().unwrap_or_default(), word(&one[rule]), word(&one[text]))).collect()
}

fn config(dialect: Dialect) -> Config {
    Settings::default().config(dialect)
}

#[test]
fn says_what_hadolint_says_of_real_files() {
    let Some(corpus) = corpus() else { return };
    let mut score = Score::default();
    for (name, remarks) in json(&corpus.join("hadolint.json"))["results"].as_object().expect("results are a map") {
        let mut theirs = theirs(remarks, "code", "message");
        // Files that hadolint itself cannot read, and ShellCheck's remarks, are left out.
        if theirs.iter().any(|(_, code, _)| code == "DL1000") {
            continue;
        }
        theirs.retain(|(_, code, _)| code.starts_with("DL"));
        let text = fs::read(corpus.join("dockerfiles").join(name)).expect("the file is readable");
        let settings = Config { shell: ShellChecks::Off, ..config(Dialect::Hadolint) };
        score.compare(name, &ours(&text, &settings), &theirs, Extra::Counts);
    }
    score.judge("hadolint, files");
}

/// Reads the flags of a case.
fn flags(flags: &Value) -> Settings {
    let words: Vec<&str> = flags.as_array().expect("flags are a list").iter().filter_map(Value::as_str).collect();
    let mut settings = Settings::default();
    for pair in words.chunks(2) {
        let [flag, value] = pair else { panic!("unknown flags {words:?}") };
        match *flag {
            "--warning" => settings.overrides[1].push((*value).to_owned()),
            "--ignore" => settings.ignored.push((*value).to_owned()),
            "--trusted-registry" => drop(settings.trusted_registries.insert((*value).to_owned())),
            "--require-label" => {
                let (name, kind) = value.split_once(':').expect("a label has a kind");
                settings.labels.insert(name.to_owned(), kind.parse().expect("the kind is known"));
            }
            _ => panic!("unknown flag {flag}"),
        }
    }
    settings
}

#[test]
fn says_what_hadolint_says_of_cases() {
    let Some(corpus) = corpus() else { return };
    let mut score = Score::default();
    for case in json(&corpus.join("hadolint-cases.json"))["cases"].as_array().expect("cases are a list") {
        let strip = |mut remarks: Vec<Remark>| {
            remarks.retain(|(_, code, _)| code.starts_with("DL"));
            remarks.into_iter().map(|(line, code, _)| (line, code, String::new())).collect::<Vec<_>>()
        };
        let theirs = strip(theirs(&case["reported"], "code", "level"));
        let text = case["dockerfile"].as_str().expect("a case has a text");
        let ours = strip(ours(text.as_bytes(), &flags(&case["flags"]).config(Dialect::Hadolint)));
        score.compare(case["id"].as_str().unwrap_or_default(), &ours, &theirs, Extra::Counts);
    }
    score.judge("hadolint, cases");
}

#[test]
fn says_what_buildkit_says_of_real_files() {
    let Some(corpus) = corpus() else { return };
    let mut score = Score::default();
    for (name, result) in json(&corpus.join("buildkit-checks.json"))["results"].as_object().expect("results are a map")
    {
        if result.get("not_measured").is_some() {
            continue;
        }
        let theirs = theirs(&result["warnings"], "rule", "detail");
        let text = fs::read(corpus.join("dockerfiles").join(name)).expect("the file is readable");
        // An error ends BuildKit's checks; we go on.
        let extra = if result.get("error").is_some() { Extra::Allowed } else { Extra::Counts };
        score.compare(name, &ours(&text, &config(Dialect::BuildKit)), &theirs, extra);
    }
    score.judge("buildkit, files");
}

#[test]
fn says_what_buildkit_says_of_cases() {
    let Some(corpus) = corpus() else { return };
    let mut score = Score::default();
    for case in json(&corpus.join("buildkit-cases.json"))["cases"].as_array().expect("cases are a list") {
        let theirs = theirs(&case["reported"], "rule", "detail");
        let text = case["dockerfile"].as_str().expect("a case has a text");
        let extra = if case.get("error").is_some() { Extra::Allowed } else { Extra::Counts };
        let ours = ours(text.as_bytes(), &config(Dialect::BuildKit));
        score.compare(case["id"].as_str().unwrap_or_default(), &ours, &theirs, extra);
    }
    score.judge("buildkit, cases");
}

/// Returns remarks of ShellCheck's without their texts, which the two linters word for themselves.
fn of_shell(mut remarks: Vec<Remark>) -> Vec<Remark> {
    remarks.retain(|(_, code, _)| code.starts_with("SC"));
    remarks.into_iter().map(|(line, code, _)| (line, code, String::new())).collect()
}

#[test]
fn says_what_shellcheck_says_of_real_files() {
    let Some(corpus) = corpus() else { return };
    let mut score = Score::default();
    for (name, remarks) in json(&corpus.join("hadolint.json"))["results"].as_object().expect("results are a map") {
        let theirs = theirs(remarks, "code", "message");
        if theirs.iter().any(|(_, code, _)| code == "DL1000") {
            continue;
        }
        let text = fs::read(corpus.join("dockerfiles").join(name)).expect("the file is readable");
        let ours = of_shell(ours(&text, &config(Dialect::Hadolint)));
        score.compare(name, &ours, &of_shell(theirs), Extra::Counts);
    }
    score.judge_total("ShellCheck, files", 98.0);
}
