//! Code Climate's issues, and GitLab's with fingerprints.

use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::{Options, Remark, Report};
use crate::rule::Severity;

/// Writes issues, each ended by a zero byte.
pub(super) fn stream(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for issue in issues(reports, options) {
        out.extend_from_slice(issue.to_string().as_bytes());
        out.push(0);
    }
    out
}

/// Writes one array of issues with fingerprints.
pub(super) fn array(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let all = issues(reports, options).map(|mut issue| {
        let digest = Sha1::digest(issue.to_string().as_bytes());
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        issue["fingerprint"] = digits.into();
        sorted(issue)
    });
    Value::Array(all.collect()).to_string().into_bytes()
}

/// Puts the keys into the order of the alphabet, whatever map the JSON library was built with.
fn sorted(issue: Value) -> Value {
    let Value::Object(map) = issue else { return issue };
    let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
    pairs.sort_by(|left, right| left.0.cmp(&right.0));
    Value::Object(pairs.into_iter().collect())
}

fn issues<'a>(reports: &'a [Report], options: &'a Options<'_>) -> impl Iterator<Item = Value> + 'a {
    reports.iter().flat_map(|report| report.remarks.iter().map(|one| issue(report, one, options)))
}

fn issue(report: &Report, one: &Remark, options: &Options<'_>) -> Value {
    let (line, column) = one.start;
    let path = options.path_in_report.unwrap_or(&report.name);
    let location = match one.unread {
        // Only what was read has the path of the report.
        Some(_) => {
            let place = json!({"column": column, "line": line});
            json!({"path": report.name, "positions": {"begin": place, "end": place}})
        }
        None => json!({"lines": {"begin": line, "end": line}, "path": path}),
    };
    json!({
        "categories": ["Bug Risk"],
        "check_name": one.code,
        "description": one.long_message(&report.name),
        "location": location,
        "severity": severity(one.severity),
        "type": "issue",
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "blocker",
        Severity::Warning => "major",
        Severity::Info => "info",
        Severity::Style => "minor",
        Severity::Off => "",
    }
}
