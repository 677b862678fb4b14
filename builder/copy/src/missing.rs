//! Explains a source that is not there.

use containr_tree::TreePath;

use crate::error::{Ignored, MissingSource};
use crate::{CopyError, Source};

/// Returns the error for a source `word` that led to `path`, where nothing is seen.
pub(crate) fn missing(source: &Source<'_>, word: &str, path: &TreePath) -> CopyError {
    let ignored = match source {
        Source::Context(context) if context.exists(path) => Ignored::Yes,
        _ => Ignored::No,
    };
    let nearest = if ignored == Ignored::Yes { None } else { nearest(source, path) };
    CopyError::Missing(Box::new(MissingSource { written: word.to_owned(), looked_for: path.clone(), nearest, ignored }))
}

/// Returns the most similar name in the deepest directory of `path` that exists.
fn nearest(source: &Source<'_>, path: &TreePath) -> Option<TreePath> {
    let mut directory = TreePath::root();
    for component in path.components() {
        let next = directory.join(component);
        if let Ok(Some(_)) = source.lookup(&next) {
            directory = next;
            continue;
        }
        let mut names = source.names(&directory);
        names.sort();
        let distances = names.iter().map(|name| (distance(name, component), name));
        let (best, name) = distances.min_by_key(|(distance, _)| *distance)?;
        return (best <= component.len().div_ceil(3)).then(|| directory.join(name));
    }
    None
}

/// Returns how many bytes must be put in, left out or changed; letter case does not count.
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let changed = diagonal + usize::from(!a.eq_ignore_ascii_case(b));
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits_without_case() {
        assert_eq!(distance(b"Makefile", b"makefile"), 0);
        assert_eq!(distance(b"pacakge", b"package"), 2);
        assert_eq!(distance(b"", b"ab"), 2);
    }
}
