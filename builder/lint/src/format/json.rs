//! An array of objects, and Codacy's stream of them.

use serde_json::{Value, json};

use super::{LocatedFix, Options, Remark, Report};
use crate::config::Dialect;
use crate::diagnostic::Safety;

/// Writes one array.
pub(super) fn render(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let all = reports.iter().flat_map(|report| report.remarks.iter().map(|one| object(report, one, options.dialect)));
    Value::Array(all.collect()).to_string().into_bytes()
}

fn object(report: &Report, one: &Remark, dialect: Dialect) -> Value {
    let (line, column) = one.start;
    let mut object = json!({
        "code": one.code,
        "column": column,
        "file": report.name,
        "level": one.severity.name(),
        "line": line,
        "message": one.message,
    });
    if dialect == Dialect::Containr {
        object["endColumn"] = one.end.1.into();
        object["endLine"] = one.end.0.into();
        object["fixes"] = one.fixes.iter().map(fix).collect();
    }
    object
}

fn fix(located: &LocatedFix) -> Value {
    let edits = located.fix.edits.iter().zip(&located.places);
    let edits: Value = edits
        .map(|(edit, (start, end))| {
            json!({
                "endColumn": end.1,
                "endLine": end.0,
                "startColumn": start.1,
                "startLine": start.0,
                "text": edit.text,
            })
        })
        .collect();
    json!({"edits": edits, "safe": located.fix.safety == Safety::Safe, "title": located.fix.title})
}

/// Writes Codacy's objects one after the other.
pub(super) fn codacy(reports: &[Report]) -> Vec<u8> {
    let mut out = String::new();
    for report in reports {
        for one in &report.remarks {
            let message = one.long_message(&report.name);
            let issue =
                json!({"filename": report.name, "line": one.start.0, "message": message, "patternId": one.code});
            out.push_str(&issue.to_string());
        }
    }
    out.into_bytes()
}
