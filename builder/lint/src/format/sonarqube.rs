//! SonarQube's generic issues.

use serde_json::{Value, json};

use super::{Options, Remark, Report};
use crate::config::Dialect;
use crate::rule::Severity;

/// Writes one object with all issues.
pub(super) fn render(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let all = reports.iter().flat_map(|report| report.remarks.iter().map(|one| issue(report, one, options)));
    json!({"issues": all.collect::<Value>()}).to_string().into_bytes()
}

fn issue(report: &Report, one: &Remark, options: &Options<'_>) -> Value {
    let engine = if options.dialect == Dialect::Hadolint { "Hadolint" } else { "containr" };
    let (line, column) = one.start;
    // SonarQube counts columns from 0.
    let (from, to) = if one.unread.is_some() { (column, column) } else { (column - 1, column) };
    let (severity, kind) = match (one.severity, &one.unread) {
        (_, Some(_)) => ("BLOCKER", "BUG"),
        (Severity::Error, None) => ("CRITICAL", "BUG"),
        (Severity::Warning, None) => ("MAJOR", "CODE_SMELL"),
        (Severity::Info, None) => ("MINOR", "CODE_SMELL"),
        _ => ("INFO", "CODE_SMELL"),
    };
    json!({
        "engineId": engine,
        "primaryLocation": {
            "filePath": options.path_in_report.unwrap_or(&report.name),
            "message": one.message,
            "textRange": {"endColumn": to, "endLine": line, "startColumn": from, "startLine": line},
        },
        "ruleId": one.code,
        "severity": severity,
        "type": kind,
    })
}
