//! What a text says, without the way in which it is written.

use containr_dockerfile::syntax::Kind;
use containr_dockerfile::{Code, Parsed, format, formatted, parse};

/// Checks what holds for every text: edits are in order and change something, formatting twice is formatting once, and
/// the text says afterwards what it said before.
pub(crate) fn check(text: &[u8]) {
    let parsed = parse(text);
    let edits = format(&parsed);
    assert!(edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "edits are in order: {edits:?}");
    for edit in &edits {
        assert_ne!(parsed.bytes(edit.span), edit.text.as_bytes(), "an edit changes something");
    }
    let new_text = formatted(&parsed);
    let new = parse(&new_text);
    let shown = || format!("{:?}\n{:?}", String::from_utf8_lossy(text), String::from_utf8_lossy(&new_text));
    let (before, after) = (meaning(&parsed), meaning(&new));
    let differing: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
    assert!(differing.is_empty() && before.len() == after.len(), "{differing:#?}\n{}", shown());
    assert_eq!(format(&new), [], "{}", shown());
}

/// Returns all that a text says, one line for each thing; places and the words of comments are left out.
pub(crate) fn meaning(parsed: &Parsed) -> Vec<String> {
    let syntax = parsed.syntax();
    let mut lines = vec![placeless(&format!("{:?}", syntax.directives))];
    for instruction in syntax.instructions() {
        let mut kind = instruction.kind.clone();
        if let Kind::Arg(declarations) = &mut kind {
            // A comment that is moved to the margin may describe something then.
            declarations.iter_mut().for_each(|one| one.description = None);
        }
        let shown: String = instruction.original.split_whitespace().collect();
        lines.push(placeless(&format!("{:?} {:?}", shown.to_uppercase(), instruction.flags)));
        lines.push(placeless(&format!("{kind:?}")));
    }
    let stages = syntax.stages.iter().map(|stage| placeless(&format!("{:?} {:?}", stage.name, stage.base)));
    lines.extend(stages);
    let remarks = parsed.diagnostics().iter();
    let lasting = remarks.filter(|one| !matches!(one.code, Code::EmptyContinuation | Code::LineTooLong));
    lines.extend(lasting.map(|one| format!("{:?} {}", one.severity, one.message)));
    lines
}

/// Removes every place from a printed value.
fn placeless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("Span { start: ") {
        let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
        out.push_str(&rest[..at]);
        rest = &rest[end..];
    }
    out + rest
}
