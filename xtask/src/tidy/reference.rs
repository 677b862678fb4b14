//! Holds `docs/reference.md` against what the binary says of itself.

use crate::command::{command, output};
use crate::console::say;
use crate::failure::{Context as _, Outcome};
use crate::workspace;

/// The generated page of all commands and flags.
const PAGE: &str = "docs/reference.md";

/// Returns a finding when the page differs from the binary's own help; without a page there is nothing to compare.
pub(super) fn check() -> Outcome<Vec<String>> {
    let path = workspace::root().join(PAGE);
    if !path.exists() {
        say(format!("tidy: skipped: {PAGE} does not exist yet"));
        return Ok(Vec::new());
    }
    let stored = std::fs::read_to_string(&path).context(|| format!("cannot read {PAGE}"))?;
    let fresh = output(&mut command(workspace::debug_binary()?, ["debug", "reference"]))?;
    Ok(compare(&fresh, &stored).into_iter().collect())
}

/// Names the first line that is not current.
fn compare(fresh: &str, stored: &str) -> Option<String> {
    if fresh == stored {
        return None;
    }
    let same = fresh.lines().zip(stored.lines()).take_while(|(new, old)| new == old).count();
    Some(format!("{PAGE}:{} is not current: run `containr debug reference > {PAGE}`", same + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_stale_line() {
        assert_eq!(compare("a\nb\n", "a\nb\n"), None);
        assert!(compare("a\nb\n", "a\nc\n").is_some_and(|finding| finding.starts_with("docs/reference.md:2 ")));
        assert!(compare("a\nb\n", "a\n").is_some_and(|finding| finding.starts_with("docs/reference.md:2 ")));
    }
}
