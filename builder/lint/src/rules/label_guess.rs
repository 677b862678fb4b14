//! Guesses what the wrong value of a label was meant to be.

use containr_dockerfile::nearest;

use super::labels::licenses;

/// Returns a host with a path as a URL.
pub(super) fn url(text: &str) -> Option<String> {
    let host = text.split('/').next().unwrap_or(text);
    (host.contains('.') && !text.contains([':', ' '])).then(|| format!("https://{text}"))
}

/// Returns a date, or a time without its zone, as one in UTC.
pub(super) fn time(text: &str) -> Option<String> {
    match text.len() {
        10 => Some(format!("{text}T00:00:00Z")),
        19 => Some(format!("{}Z", text.replacen(' ', "T", 1))),
        _ => None,
    }
}

/// Returns the licence whose identifier is nearest.
pub(super) fn license(text: &str) -> Option<String> {
    let plain = text.trim_end_matches("License").trim_end_matches("license").trim().replace(' ', "-");
    let same = licenses().find(|name| name.eq_ignore_ascii_case(&plain));
    same.or_else(|| nearest(&plain, licenses().filter(|name| name.len() > 3))).map(str::to_owned)
}

/// Returns the abbreviation of a commit that is shortened otherwise.
pub(super) fn commit(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let whole = lower.len() == 40;
    lower.get(..if whole { 40 } else { 7 }).map(str::to_owned)
}

/// Returns a version with its three numbers.
pub(super) fn version(text: &str) -> Option<String> {
    let plain = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = plain.find(['-', '+']).unwrap_or(plain.len());
    let (core, rest) = plain.split_at(end);
    let missing = 3_usize.checked_sub(core.split('.').count())?;
    Some(format!("{core}{}{rest}", ".0".repeat(missing)))
}

/// Returns the address of `Name <address>`.
pub(super) fn email(text: &str) -> Option<String> {
    let plain = text.strip_prefix("mailto:").unwrap_or(text);
    let inner = plain.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(plain, |(address, _)| address);
    Some(inner.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_what_was_meant() {
        assert_eq!(url("example.org/a").as_deref(), Some("https://example.org/a"));
        assert_eq!(time("2024-01-31").as_deref(), Some("2024-01-31T00:00:00Z"));
        assert_eq!(time("2024-01-31 10:00:00").as_deref(), Some("2024-01-31T10:00:00Z"));
        assert_eq!(license("apache 2.0").as_deref(), Some("Apache-2.0"));
        assert_eq!(license("MIT License").as_deref(), Some("MIT"));
        assert_eq!(commit("0123456789AB").as_deref(), Some("0123456"));
        assert_eq!(version("v1.2").as_deref(), Some("1.2.0"));
        assert_eq!(version("2-rc.1").as_deref(), Some("2.0.0-rc.1"));
        assert_eq!(email("A B <a@example.org>").as_deref(), Some("a@example.org"));
        assert_eq!(url("nowhere"), None);
        assert_eq!(version("1.2.3.4"), None);
    }
}
