//! Carries places and repairs from a shell text home to the Dockerfile.

use std::ops::Range;

use containr_dockerfile::{Parsed, Span};

use super::Found;
use super::body::{Body, Shape};
use super::linter::{Remark, Repair};
use crate::diagnostic::{Edit, Fix};

/// Returns a remark at its place in the file; where the text does not stand in the file, at `whole`.
pub(super) fn home(remark: &Remark, body: &Body, parsed: &Parsed, whole: Span) -> Found {
    let fix = remark.fix.as_ref().and_then(|repair| fix(repair, body, parsed));
    Found {
        code: remark.code,
        severity: remark.severity,
        span: place(&remark.range, body).filter(|span| stands(*span, parsed)).unwrap_or(whole),
        message: remark.message.clone().into(),
        fix,
    }
}

/// Tells whether a place begins and ends with a character.
fn stands(span: Span, parsed: &Parsed) -> bool {
    parsed.text().get(span.range()).is_some()
}

fn place(range: &Range<usize>, body: &Body) -> Option<Span> {
    if range.is_empty() {
        let at = body.map.before(range.start).or_else(|| body.map.after(range.start))?;
        return Some(Span::new(at, at));
    }
    body.map.span(range.start, range.end)
}

/// Returns a repair of the file; nothing where it would reach over a hole or break the instruction.
fn fix(repair: &Repair, body: &Body, parsed: &Parsed) -> Option<Fix> {
    let mut edits: Vec<Edit> =
        repair.edits.iter().map(|(range, text)| edit(range, text, body, parsed)).collect::<Option<_>>()?;
    edits.sort_by_key(|edit| edit.span);
    let apart = edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start)
        && edits.iter().all(|edit| stands(edit.span, parsed));
    // The RUN's text changes, and with it the plan of the build.
    apart.then(|| Fix::risky(repair.title.clone(), edits))
}

fn edit(range: &Range<usize>, text: &str, body: &Body, parsed: &Parsed) -> Option<Edit> {
    let escape = parsed.escape().char();
    let breaks = text.contains(['\n', '\r']) || text.ends_with(escape) || text.starts_with('#');
    if body.shape == Shape::Line && breaks {
        return None;
    }
    if !range.is_empty() {
        return Some(Edit::replace(body.map.seamless(range.start, range.end)?, text));
    }
    // At a hole there are two places: what is written belongs to the side that is no blank.
    let blank_after = body.text.get(range.start..)?.starts_with([' ', '\t', '\n']);
    let (near, far) = (body.map.after(range.start), body.map.before(range.start));
    let at = if blank_after { near.or(far) } else { far.or(near) };
    Some(Edit::insert(at?, text))
}
