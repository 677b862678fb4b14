//! Guesses the word that a misspelt one stands for.

/// Edits up to which a word counts as misspelt.
const NEAR: usize = 2;

/// Returns the option nearest to `word`, the first of several; exact matches have nothing to suggest.
pub fn nearest<'a>(word: &str, options: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut limit = NEAR + 1;
    for option in options {
        if option == word {
            return None;
        }
        if option.len().abs_diff(word.len()) >= limit * 4 {
            continue;
        }
        let distance = distance(word, option);
        if distance < limit {
            (best, limit) = (Some(option), distance);
        }
    }
    best
}

/// Returns the number of insertions, removals and replacements between two words.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, char) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(char != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn picks_the_nearest_option() {
        assert_eq!(nearest("CPOY", ["ADD", "COPY", "RUN"]), Some("COPY"));
        assert_eq!(nearest("chwon", ["chmod", "chown"]), Some("chown"));
    }

    #[test]
    fn has_nothing_to_say_about_far_or_exact_words() {
        assert_eq!(nearest("INSTALL", ["ADD", "COPY"]), None);
        assert_eq!(nearest("COPY", ["COPY", "CPY"]), None);
    }
}
