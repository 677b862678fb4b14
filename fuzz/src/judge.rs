//! What must hold for every judgement of a text.

use containr_dockerfile::{Parsed, format, formatted, parse};
use containr_lint::{Diagnostic, Dialect};

/// Every dialect of the lint.
pub const DIALECTS: [Dialect; 3] = [Dialect::Containr, Dialect::Hadolint, Dialect::BuildKit];

/// Checks that the tree holds the bytes, and that formatting is done in one go.
pub fn check_text(text: &[u8]) -> Parsed {
    let parsed = parse(text);
    assert_eq!(parsed.tree().to_string(), parsed.text());
    assert_eq!(parsed.bytes(parsed.span()), text);
    let new = formatted(&parsed);
    if new != text {
        assert_eq!(format(&parse(&new)), [], "{:?}", String::from_utf8_lossy(text));
    }
    parsed
}

/// Checks that findings and the edits of their fixes lie between characters of the text.
pub fn check_findings(parsed: &Parsed, found: &[Diagnostic]) {
    for one in found {
        let edits = one.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for span in edits.chain([one.span]) {
            assert!(parsed.text().get(span.range()).is_some(), "{:?}: {one:?}", parsed.text());
        }
    }
}
