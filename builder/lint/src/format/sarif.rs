//! SARIF 2.1.0.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{LocatedFix, Options, Remark, Report};
use crate::config::Dialect;
use crate::rule::Severity;
use crate::rules;
use crate::shellcheck::codes;

/// The release of hadolint whose output is reproduced.
const HADOLINT: &str = "2.15.1";

/// Writes one log with one run.
pub(super) fn render(reports: &[Report], options: &Options<'_>) -> Vec<u8> {
    let all = reports.iter().flat_map(|report| report.remarks.iter().map(|one| result(report, one, options.dialect)));
    let results: Value = all.collect();
    json!({
        "$schema": "http://json.schemastore.org/sarif-2.1.0",
        "runs": [{
            "defaultSourceLanguage": "dockerfile",
            "results": results,
            "tool": {"driver": driver(reports, options.dialect)},
        }],
        "version": "2.1.0",
    })
    .to_string()
    .into_bytes()
}

fn driver(reports: &[Report], dialect: Dialect) -> Value {
    if dialect == Dialect::Hadolint {
        return json!({
            "downloadUri": "https://github.com/hadolint/hadolint",
            "fullName": "Haskell Dockerfile Linter",
            "name": "Hadolint",
            "shortDescription": {"text": "Dockerfile linter, validate inline bash, written in Haskell"},
            "version": HADOLINT,
        });
    }
    let told: BTreeSet<&str> = reports.iter().flat_map(|report| &report.remarks).map(|one| one.code).collect();
    let rules = rules::all().filter(|rule| told.contains(rule.id)).map(|rule| {
        let text = json!({"text": rule.summary});
        json!({"help": {"markdown": rule.page, "text": rule.page}, "id": rule.id, "shortDescription": text})
    });
    let codes = codes::all().iter().filter(|code| told.contains(code.id)).map(|code| {
        let text = json!({"text": code.summary()});
        json!({"helpUri": code.page(), "id": code.id, "shortDescription": text})
    });
    let rules: Value = rules.chain(codes).collect();
    json!({"name": "containr", "rules": rules, "version": env!("CARGO_PKG_VERSION")})
}

fn result(report: &Report, one: &Remark, dialect: Dialect) -> Value {
    let mut region = region(one.start, one.end);
    region["sourceLanguage"] = "dockerfile".into();
    let level = match one.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        _ => "note",
    };
    let artifact = json!({"uri": report.name});
    let mut result = json!({
        "level": level,
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": sorted(region)}}],
        "message": {"text": one.message},
        "ruleId": one.code,
    });
    if dialect == Dialect::Containr && !one.fixes.is_empty() {
        result["fixes"] = one.fixes.iter().map(|located| fix(&artifact, located)).collect();
    }
    result
}

fn region(start: (u32, u32), end: (u32, u32)) -> Value {
    json!({"endColumn": end.1, "endLine": end.0, "startColumn": start.1, "startLine": start.0})
}

/// Puts the keys into the order of the alphabet, whatever map the JSON library was built with.
fn sorted(region: Value) -> Value {
    let Value::Object(map) = region else { return region };
    let mut pairs: Vec<(String, Value)> = map.into_iter().collect();
    pairs.sort_by(|left, right| left.0.cmp(&right.0));
    Value::Object(pairs.into_iter().collect())
}

fn fix(artifact: &Value, located: &LocatedFix) -> Value {
    let edits = located.fix.edits.iter().zip(&located.places);
    let replacements: Value = edits
        .map(|(edit, (start, end))| json!({"deletedRegion": region(*start, *end), "insertedContent": {"text": edit.text}}))
        .collect();
    json!({
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
        "description": {"text": located.fix.title},
    })
}
