//! Shows what changed in a text, as `patch` reads it.

use std::collections::HashMap;
use std::fmt::Write as _;

/// The unchanged lines around a change.
const CONTEXT: usize = 3;

/// Returns the changes from `old` to `new` as a unified diff; nothing where they are equal.
pub(crate) fn unified(name: &str, old: &[u8], new: &[u8]) -> String {
    if old == new {
        return String::new();
    }
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let text = Texts { old: old.split_inclusive('\n').collect(), new: new.split_inclusive('\n').collect() };
    let changes = text.changes();
    let mut out = format!("--- {name}\n+++ {name}\n");
    let mut rest = changes.as_slice();
    while !rest.is_empty() {
        // Changes whose surroundings touch stand in one hunk.
        let near = |pair: &[Change]| pair[1].old.0 - pair[0].old.1 <= 2 * CONTEXT;
        let count = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (hunk, later) = rest.split_at(count);
        text.write(hunk, &mut out);
        rest = later;
    }
    out
}

/// Is a part of the old lines and what stands in its place, each from and to a line.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    old: (usize, usize),
    new: (usize, usize),
}

struct Texts<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
}

impl Texts<'_> {
    /// Returns the changes in order, by patience: lines that each text has once hold the rest together.
    fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut open = vec![Change { old: (0, self.old.len()), new: (0, self.new.len()) }];
        while let Some(part) = open.pop() {
            let part = self.trimmed(part);
            if part.old.0 == part.old.1 && part.new.0 == part.new.1 {
                continue;
            }
            match self.anchors(part) {
                anchors if anchors.is_empty() => changes.push(part),
                anchors => open.extend(between(part, &anchors).into_iter().rev()),
            }
        }
        changes
    }

    /// Leaves out the equal lines at both ends.
    fn trimmed(&self, Change { old, new }: Change) -> Change {
        let (left, right) = (&self.old[old.0..old.1], &self.new[new.0..new.1]);
        let front = left.iter().zip(right).take_while(|(left, right)| left == right).count();
        let (left, right) = (&left[front..], &right[front..]);
        let back = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
        Change { old: (old.0 + front, old.1 - back), new: (new.0 + front, new.1 - back) }
    }

    /// Returns the longest run of pairs of equal lines, rising in both texts, among the lines that stand once in each.
    fn anchors(&self, part: Change) -> Vec<(usize, usize)> {
        let mut found: HashMap<&str, ([usize; 2], [usize; 2])> = HashMap::new();
        for (side, (lines, range)) in [(&self.old, part.old), (&self.new, part.new)].into_iter().enumerate() {
            for (index, line) in lines.iter().enumerate().take(range.1).skip(range.0) {
                let (counts, places) = found.entry(line).or_default();
                counts[side] += 1;
                places[side] = index;
            }
        }
        let once = found.into_values().filter(|(counts, _)| *counts == [1, 1]);
        let mut pairs: Vec<(usize, usize)> = once.map(|(_, [old, new])| (old, new)).collect();
        pairs.sort_unstable();
        longest_rising(&pairs)
    }

    /// Writes one hunk.
    fn write(&self, changes: &[Change], out: &mut String) {
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return };
        let before = first.old.0.min(CONTEXT);
        let after = (self.old.len() - last.old.1).min(CONTEXT);
        let range = |from: usize, to: usize| {
            let count = to - from;
            format!("{},{count}", if count == 0 { from } else { from + 1 })
        };
        let old = range(first.old.0 - before, last.old.1 + after);
        let new = range(first.new.0 - before, last.new.1 + after);
        let _ = writeln!(out, "@@ -{old} +{new} @@");
        let mut at = first.old.0 - before;
        for change in changes {
            lines(' ', &self.old[at..change.old.0], out);
            lines('-', &self.old[change.old.0..change.old.1], out);
            lines('+', &self.new[change.new.0..change.new.1], out);
            at = change.old.1;
        }
        lines(' ', &self.old[at..at + after], out);
    }
}

/// Returns the parts around pairs of equal lines.
fn between(part: Change, anchors: &[(usize, usize)]) -> Vec<Change> {
    let mut parts = Vec::with_capacity(anchors.len() + 1);
    let (mut old, mut new) = (part.old.0, part.new.0);
    for &(at_old, at_new) in anchors {
        parts.push(Change { old: (old, at_old), new: (new, at_new) });
        (old, new) = (at_old + 1, at_new + 1);
    }
    parts.push(Change { old: (old, part.old.1), new: (new, part.new.1) });
    parts
}

/// Returns the longest part of pairs, sorted by the first, that rises in the second.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length the pair with the least end, and for each pair the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < pair.1);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut rising = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(index) = at {
        rising.push(pairs[index]);
        at = previous[index];
    }
    rising.reverse();
    rising
}

fn lines(sign: char, lines: &[&str], out: &mut String) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn shows_a_change_with_its_context() {
        let shown = unified("a", b"1\n2\n3\n4\n5\n6\n7\n8\n", b"1\n2\n3\n4\nfive\n6\n7\n8\n");
        assert_eq!(shown, "--- a\n+++ a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    }

    #[test]
    fn shows_removed_lines_and_a_missing_end() {
        assert_eq!(
            unified("a", b"1\n2", b"1\n"),
            "--- a\n+++ a\n@@ -1,2 +1,1 @@\n 1\n-2\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("a", b"1\n", b"1\n"), "");
        assert_eq!(unified("a", b"", b"1\n"), "--- a\n+++ a\n@@ -0,0 +1,1 @@\n+1\n");
    }

    #[test]
    fn distant_changes_stand_in_hunks_of_their_own() {
        let old: String = (1..=20).map(|line| format!("{line}\n")).collect();
        let new = old.replace("\n3\n", "\nthree\n").replace("\n5\n", "\n").replace("\n17\n", "\n17\n17b\n");
        assert_eq!(
            unified("a", old.as_bytes(), new.as_bytes()),
            "--- a\n+++ a\n@@ -1,8 +1,7 @@\n 1\n 2\n-3\n+three\n 4\n-5\n 6\n 7\n 8\n@@ -15,6 +14,7 @@\n 15\n 16\n 17\n+17b\n 18\n 19\n 20\n"
        );
    }

    #[test]
    fn moved_lines_are_a_removal_and_an_addition() {
        let shown = unified("a", b"a\nb\nc\nd\n", b"b\nc\nd\na\n");
        assert_eq!(shown, "--- a\n+++ a\n@@ -1,4 +1,4 @@\n-a\n b\n c\n d\n+a\n");
    }
}
