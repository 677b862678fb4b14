//! Shows what changed in a text, as `patch` reads it.

use std::fmt::Write as _;

/// The unchanged lines around a change.
const CONTEXT: usize = 3;

/// Returns the change from `old` to `new` as one hunk of a unified diff; nothing where they are equal.
pub(crate) fn unified(name: &str, old: &[u8], new: &[u8]) -> String {
    if old == new {
        return String::new();
    }
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let same = old.iter().zip(&new).take_while(|(left, right)| left == right).count();
    let rest = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(left, right)| left == right).count();
    let from = same.saturating_sub(CONTEXT);
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    let after = CONTEXT.min(tail);
    let count = |end: usize| end + after - from;
    let start = |count: usize| if count == 0 { from } else { from + 1 };
    let (old_count, new_count) = (count(old_end), count(new_end));
    let mut out = format!("--- {name}\n+++ {name}\n");
    let _ = writeln!(out, "@@ -{},{old_count} +{},{new_count} @@", start(old_count), start(new_count));
    let mut lines = |sign: char, lines: &[&str]| {
        for line in lines {
            out.push(sign);
            out.push_str(line);
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    };
    lines(' ', &old[from..same]);
    lines('-', &old[same..old_end]);
    lines('+', &new[same..new_end]);
    lines(' ', &old[old_end..old_end + after]);
    out
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
    }
}
