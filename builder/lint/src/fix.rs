//! Applies fixes until nothing is left to repair.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use containr_dockerfile::{Parsed, Severity, Span, parse};

use crate::cache::LintCache;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::engine::lint_with;

/// Is a text after its fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The bytes of the file.
    pub text: Vec<u8>,
    /// The number of fixes that were applied.
    pub count: usize,
}

/// Bounds the rounds. Fixes that wait for each other in one instruction take a round each.
const MAX_ROUNDS: usize = 64;

/// Applies every fix that is at most as daring as `limit`, again and again until none is left.
///
/// Of fixes that overlap the first in the text is applied and the others wait for the next round. A fix after which the
/// text has more errors is left out, and rules that undo each other come to an end.
pub fn apply(text: &[u8], config: &Config, limit: Safety) -> Fixed {
    let mut fixed = Fixed { text: text.to_vec(), count: 0 };
    let mut seen = BTreeSet::from([fingerprint(text)]);
    let mut cache = LintCache::new();
    for _ in 0..MAX_ROUNDS {
        let parsed = parse(&fixed.text);
        let found = lint_with(&parsed, config, &mut cache);
        let chosen = choose(&found, limit);
        let mut round = Round { text: &fixed.text, errors: errors(&parsed), accepted: Vec::new() };
        round.accept(&chosen);
        let next = edit(&fixed.text, &round.accepted);
        let count = round.accepted.len();
        if count == 0 || !seen.insert(fingerprint(&next)) {
            break;
        }
        fixed = Fixed { text: next, count: fixed.count + count };
    }
    fixed
}

/// Is a number by which texts of one run are told apart.
fn fingerprint(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn errors(parsed: &Parsed) -> usize {
    parsed.diagnostics().iter().filter(|one| one.severity == Severity::Error).count()
}

/// Finds which of the fixes for one text go together.
struct Round<'a> {
    text: &'a [u8],
    errors: usize,
    accepted: Vec<&'a Fix>,
}

impl<'a> Round<'a> {
    /// Accepts as many of the fixes as the text stands; a bad one is found by halving.
    fn accept(&mut self, fixes: &[&'a Fix]) {
        if fixes.is_empty() {
            return;
        }
        let before = self.accepted.len();
        self.accepted.extend(fixes);
        if errors(&parse(&edit(self.text, &self.accepted))) <= self.errors {
            return;
        }
        self.accepted.truncate(before);
        if fixes.len() > 1 {
            let (first, second) = fixes.split_at(fixes.len() / 2);
            self.accept(first);
            self.accept(second);
        }
    }
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
    let is_windows = text.iter().position(|byte| *byte == b'\n').is_some_and(|at| text[..at].ends_with(b"\r"));
    let mut result = Vec::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        result.extend_from_slice(&text[at..range.start]);
        // A fix of a script may be written with other line breaks than the file.
        let written = if is_windows { with_carriage_returns(&edit.text) } else { Cow::Borrowed(edit.text.as_str()) };
        result.extend_from_slice(written.as_bytes());
        at = range.end;
    }
    result.extend_from_slice(&text[at..]);
    result
}

/// Returns a text with the line breaks of Windows.
fn with_carriage_returns(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\n', "\r\n"))
}
