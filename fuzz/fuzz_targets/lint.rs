//! Every dialect judges any text, every format tells of it, and fixes come to an end without new errors.

#![no_main]

use containr_dockerfile::{Parsed, Severity, parse};
use containr_fuzz::choice::Choice;
use containr_fuzz::judge::{DIALECTS, check_findings};
use containr_lint::format::{Colors, Format, Options, Report, render};
use containr_lint::{Config, Safety, apply, lint};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let (text, choice) = Choice::split(input, 2);
    let parsed = parse(text);
    let format = Format::ALL[choice.below(0, Format::ALL.len())];
    for dialect in DIALECTS {
        let config = Config { dialect, experimental: true, ..Config::default() };
        let found = lint(&parsed, &config);
        check_findings(&parsed, &found);
        let reports = [Report::new("a \"file\"", &parsed, &found, dialect)];
        let options = Options { dialect, colors: Colors::Ansi, path_in_report: None, now: 0 };
        check_report(format, &render(format, &reports, &options));
    }
    let limit = [Safety::Safe, Safety::Unsafe][choice.below(1, 2)];
    let fixed = apply(text, &Config::default(), limit);
    let new = parse(&fixed.text);
    assert!(errors(&new) <= errors(&parsed), "{:?}\n{:?}", parsed.text(), new.text());
});

/// Checks that what is to be JSON is JSON; some formats write values one after the other.
fn check_report(format: Format, report: &[u8]) {
    let is_json = |text: &[u8]| serde_json::Deserializer::from_slice(text).into_iter::<Value>().all(|one| one.is_ok());
    let sound = match format {
        Format::Json | Format::Codacy | Format::GitlabCodeclimate | Format::SonarQube | Format::Sarif => {
            is_json(report)
        }
        Format::Codeclimate => report.split(|byte| *byte == 0).all(is_json),
        _ => std::str::from_utf8(report).is_ok(),
    };
    assert!(sound, "{format}: {:?}", String::from_utf8_lossy(report));
}

fn errors(parsed: &Parsed) -> usize {
    parsed.diagnostics().iter().filter(|one| one.severity == Severity::Error).count()
}
