//! Checks one source file: its length, its first line, its name, its functions, and words that need a reason.

use std::path::Path;

use super::functions;

/// The longest file.
const FILE_LINES: usize = 1000;
/// The longest function, from its signature to its closing brace.
const FUNCTION_LINES: usize = 70;
/// Names that say what kind of thing is inside instead of which subject.
const KINDS: &[&str] = &["utils.rs", "types.rs", "helpers.rs"];
/// The only room with unsafe code.
const UNSAFE_ROOM: &str = "runtime/sys";

/// Returns what is wrong with a file, each finding as `PATH:LINE what`.
pub(super) fn check(path: &Path, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let shown = path.display();
    let lines = text.lines().count();
    if lines > FILE_LINES {
        findings.push(format!("{shown}:{lines} is longer than {FILE_LINES} lines"));
    }
    if !text.starts_with("//!") {
        findings.push(format!("{shown}:1 does not begin with a module comment"));
    }
    if path.file_name().is_some_and(|name| KINDS.iter().any(|kind| name == *kind)) {
        findings.push(format!("{shown}:1 is named after a kind, not a subject"));
    }
    for (index, line) in text.lines().enumerate() {
        findings.extend(judge_line(path, line).map(|what| format!("{shown}:{} {what}", index + 1)));
    }
    for long in functions::lengths(text).into_iter().filter(|function| function.lines > FUNCTION_LINES) {
        findings.push(format!(
            "{shown}:{} function `{}` has {} lines, more than {FUNCTION_LINES}",
            long.line, long.name, long.lines
        ));
    }
    findings
}

fn judge_line(path: &Path, line: &str) -> Option<&'static str> {
    let code = line.trim_start();
    if code.starts_with("//") {
        return None;
    }
    let is_allowed = code.starts_with(concat!("#[", "allow(")) || code.starts_with(concat!("#![", "allow("));
    if is_allowed && !(is_shared_by_tests(path) && code.contains("reason = ")) {
        return Some("silences a lint without `expect` and a reason");
    }
    if !path.starts_with(UNSAFE_ROOM) && is_unsafe(code) {
        return Some("has unsafe code outside the room `sys`");
    }
    None
}

/// What several test programs include is used by each in part only: no expectation about unused items holds for all of them.
fn is_shared_by_tests(path: &Path) -> bool {
    path.iter().any(|part| part == "tests") && path.file_name().is_some_and(|name| name == "mod.rs")
}

/// Returns whether code outside string literals opens an unsafe block or declares something unsafe.
fn is_unsafe(code: &str) -> bool {
    let outside: String = code.replace("\\\"", "").split('"').step_by(2).collect::<Vec<_>>().join("\"");
    let Some(at) = outside.find("unsafe") else { return false };
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole_word = !word(outside[..at].chars().next_back()) && !word(outside[at + 6..].chars().next());
    whole_word
        && ["{", "fn", "impl", "trait", "extern"].iter().any(|next| outside[at + 6..].trim_start().starts_with(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(Path::new(path), text)
    }

    #[test]
    fn a_good_file_passes() {
        assert!(findings("cache/oci/src/digest.rs", "//! Digests.\n\nfn a() {}\n").is_empty());
    }

    #[test]
    fn names_and_first_lines() {
        let found = findings("cache/oci/src/utils.rs", "fn a() {}\n");
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with("module comment") && found[1].contains("named after a kind"));
    }

    #[test]
    fn a_file_of_1001_lines() {
        let text = format!("//! Long.\n{}", "\n".repeat(1000));
        assert_eq!(findings("a.rs", &text), ["a.rs:1001 is longer than 1000 lines"]);
    }

    #[test]
    fn unsafe_code_has_one_room() {
        let text = format!("//! A.\nfn a() {{ {} {{ b() }} }}\n", "unsafe");
        assert_eq!(
            findings("engine/src/lib.rs", &text),
            ["engine/src/lib.rs:2 has unsafe code outside the room `sys`"]
        );
        assert!(findings("runtime/sys/src/lib.rs", &text).is_empty());
    }

    #[test]
    fn words_in_text_are_no_code() {
        assert!(
            findings("a.rs", "//! A.\nconst B: &str = \"unsafe { }\";\n// unsafe { }\n#![deny(unsafe_code)]\n")
                .is_empty()
        );
    }

    #[test]
    fn silenced_lints_need_a_reason() {
        let text = format!("//! A.\n#[{}(dead_code)]\nfn a() {{}}\n", "allow");
        assert_eq!(findings("a.rs", &text).len(), 1);
        assert_eq!(findings("cache/a/tests/support/mod.rs", &text).len(), 1);
        let with_reason = text.replace("dead_code", "dead_code, reason = \"each test uses a part\"");
        assert!(findings("cache/a/tests/support/mod.rs", &with_reason).is_empty());
        assert_eq!(findings("cache/a/src/mod.rs", &with_reason).len(), 1);
    }
}
