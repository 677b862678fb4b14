//! ShellCheck's own comments, `# shellcheck disable=SC2086`, where the shell does not see them.
//!
//! In a heredoc they are part of the script and the linter reads them. Between continued lines and above an
//! instruction they are comments of the Dockerfile; there they speak of the line below.

use super::Found;

/// Tells whether a comment directly above the line of a finding silences it.
pub(super) fn silences(found: &Found, text: &str) -> bool {
    let Some(before) = text.get(..found.span.start as usize) else { return false };
    // The last part is the beginning of the finding's own line.
    let above = before.rsplit('\n').skip(1).map(str::trim);
    above.take_while(|line| line.starts_with('#')).any(|line| disables(line, found.code.id))
}

/// Tells whether a comment is a directive that names a code.
pub(super) fn disables(comment: &str, code: &str) -> bool {
    let Some(rest) = comment.trim_start_matches('#').trim_start().strip_prefix("shellcheck") else { return false };
    let lists = rest.split_whitespace().filter_map(|word| word.strip_prefix("disable="));
    lists.flat_map(|list| list.split(',')).any(|name| covers(name, code))
}

/// Tells whether a name, a range of names or `all` covers a code.
fn covers(name: &str, code: &str) -> bool {
    let number = |name: &str| name.trim_start_matches("SC").parse::<u32>().ok();
    match name.split_once('-') {
        Some((first, last)) => {
            let place = |bound: Option<u32>| Some((bound?, number(code)?));
            place(number(first)).is_some_and(|(first, code)| first <= code)
                && place(number(last)).is_some_and(|(last, code)| code <= last)
        }
        None => name == "all" || (number(name).is_some() && number(name) == number(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::disables;

    #[test]
    fn reads_lists_and_ranges() {
        assert!(disables("# shellcheck disable=SC2046,SC2086", "SC2086"));
        assert!(disables("#shellcheck shell=bash disable=2086 # why", "SC2086"));
        assert!(disables("# shellcheck disable=SC2000-SC2999", "SC2086"));
        assert!(disables("# shellcheck disable=all", "SC2086"));
        assert!(!disables("# shellcheck disable=SC2046", "SC2086"));
        assert!(!disables("# shellcheck disable=SC3000-SC3999", "SC2086"));
        assert!(!disables("# disable=SC2086", "SC2086"));
    }
}
