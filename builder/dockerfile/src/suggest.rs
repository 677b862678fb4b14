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
        if option.len().abs_diff(word.chars().count()) >= limit {
            continue;
        }
        let distance = distance(word, option);
        if distance < limit {
            (best, limit) = (Some(option), distance);
        }
    }
    best
}

/// Returns the number of insertions, removals, replacements and swaps of neighbours between two words.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, char) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, other) in right.iter().enumerate() {
            let mut least = (row[j] + usize::from(char != other)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *char == right[j - 1] && left[i - 1] == *other {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
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
