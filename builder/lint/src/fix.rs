//! Applies fixes until nothing is left to repair.

use containr_dockerfile::{Span, parse};

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::engine::lint_with;
use crate::shellcheck::ShellCache;

/// Is a text after its fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The bytes of the file.
    pub text: Vec<u8>,
    /// The number of fixes that were applied.
    pub count: usize,
}

/// Bounds the rounds; rules that undo each other end there.
const MAX_ROUNDS: usize = 32;

/// Applies every fix that is at most as daring as `limit`, again and again until none is left.
///
/// Of fixes that overlap the first in the text is applied and the others wait for the next round. A round whose result
/// has errors that the text did not have is dropped.
pub fn apply(text: &[u8], config: &Config, limit: Safety) -> Fixed {
    let mut fixed = Fixed { text: text.to_vec(), count: 0 };
    let mut parsed = parse(&fixed.text);
    let mut cache = ShellCache::new();
    for _ in 0..MAX_ROUNDS {
        let found = lint_with(&parsed, config, &mut cache);
        let chosen = choose(&found, limit);
        if chosen.is_empty() {
            break;
        }
        let next = edit(&fixed.text, &chosen);
        let next_parsed = parse(&next);
        if next == fixed.text || (next_parsed.has_errors() && !parsed.has_errors()) {
            break;
        }
        fixed = Fixed { text: next, count: fixed.count + chosen.len() };
        parsed = next_parsed;
    }
    fixed
}

/// Picks fixes that do not touch each other, in the order of the text.
fn choose(found: &[Diagnostic], limit: Safety) -> Vec<&Fix> {
    let first = |one: &&Fix| one.edits.first().map(|edit| edit.span);
    let allowed = |fix: &&Fix| fix.safety <= limit && !fix.edits.is_empty();
    let mut fixes: Vec<&Fix> = found.iter().filter_map(|one| one.fixes.iter().find(allowed)).collect();
    fixes.sort_by_key(first);
    let mut taken: Vec<Span> = Vec::new();
    fixes.retain(|fix| {
        let free = fix.edits.iter().all(|edit| !touches(&taken, edit.span));
        if free {
            let spans = fix.edits.iter().map(|edit| edit.span);
            spans.for_each(|span| taken.insert(taken.partition_point(|one| *one < span), span));
        }
        free
    });
    fixes
}

/// Tells whether a place overlaps or abuts one of the places in order, which do not overlap each other.
fn touches(taken: &[Span], span: Span) -> bool {
    let index = taken.partition_point(|one| one.start <= span.end);
    index > 0 && taken[index - 1].end >= span.start
}

fn edit(text: &[u8], fixes: &[&Fix]) -> Vec<u8> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.span);
    let mut result = Vec::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        result.extend_from_slice(&text[at..range.start]);
        result.extend_from_slice(edit.text.as_bytes());
        at = range.end;
    }
    result.extend_from_slice(&text[at..]);
    result
}
