//! Judges ignore patterns by moby's own table of cases.

use std::path::PathBuf;

use containr_dockerfile::ignore::PatternList;
use serde_json::Value;

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn rows() -> Option<Vec<Value>> {
    let folder = std::env::var_os("CONTAINR_CONFORMANCE")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"), PathBuf::from);
    let file = folder.join("ignore-patterns/rows.json");
    let Ok(text) = std::fs::read(&file) else {
        assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "{} is absent", file.display());
        eprintln!("skipped: no conformance data");
        return None;
    };
    let data: Value = serde_json::from_slice(&text).expect("the table is JSON");
    Some(data["rows"].as_array().expect("rows are a list").clone())
}

#[test]
fn moby_rows() {
    let Some(rows) = rows() else { return };
    assert!(rows.len() > 100, "only {} rows", rows.len());
    for row in &rows {
        let patterns = row["patterns"].as_array().expect("patterns are a list").iter();
        let patterns = patterns.map(|text| text.as_str().expect("a pattern is a string").as_bytes());
        let path = row["path"].as_str().expect("a path is a string");
        let result = PatternList::new(patterns);
        assert_eq!(result.is_err(), row["error"] == true, "{row}");
        let matched = result.is_ok_and(|list| list.matches(path.as_bytes()));
        assert_eq!(Some(matched), row["match"].as_bool(), "{row}");
    }
}
