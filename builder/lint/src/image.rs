//! Names of images, taken apart as hadolint does and checked as BuildKit does.

/// Is the base of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base<'a> {
    /// The registry, where the first part has a dot.
    pub(crate) registry: Option<&'a str>,
    /// The name without registry, tag and digest.
    pub(crate) name: &'a str,
    pub(crate) tag: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
    /// The name after AS as written.
    pub(crate) alias: Option<&'a str>,
}

impl<'a> Base<'a> {
    /// Takes a reference apart; colons inside of `${...}` part nothing.
    pub(crate) fn read(text: &'a str, alias: Option<&'a str>) -> Self {
        let (registry, rest) = match registry(text) {
            Some((registry, rest)) => (Some(registry), rest),
            None => (None, text),
        };
        let (front, digest) = match outside(rest, '@') {
            Some(index) => (&rest[..index], Some(&rest[index + 1..])),
            None => (rest, None),
        };
        let (name, tag) = match outside(front, ':') {
            Some(index) => (&front[..index], Some(&front[index + 1..])),
            None => (front, None),
        };
        Self { registry, name, tag, digest, alias }
    }

    /// Returns what hadolint calls the stage: its alias, else the image's name.
    pub(crate) fn stage_name(&self) -> &'a str {
        self.alias.unwrap_or(self.name)
    }
}

fn registry(text: &str) -> Option<(&str, &str)> {
    let slash = outside(text, '/')?;
    let domain = &text[..slash];
    let dot = outside(domain, '.')?;
    (dot > 0 && dot + 1 < slash && slash + 1 < text.len()).then(|| (domain, &text[slash + 1..]))
}

/// Finds a character outside of `${...}`.
fn outside(text: &str, wanted: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (index, char) in text.char_indices() {
        match char {
            '{' if before == '$' || depth > 0 => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ if char == wanted && depth == 0 => return Some(index),
            _ => {}
        }
        before = char;
    }
    None
}

/// Tells whether a text is a reference that BuildKit takes: `[domain/]path[:tag][@digest]` in lower case.
pub(crate) fn is_reference(text: &str) -> bool {
    if is_hex(text, 64) {
        return false;
    }
    let (front, digest) = text.split_once('@').map_or((text, None), |(front, digest)| (front, Some(digest)));
    let slash = front.rfind('/').map_or(0, |index| index + 1);
    let (name, tag) = match front[slash..].find(':') {
        Some(index) => (&front[..slash + index], Some(&front[slash + index + 1..])),
        None => (front, None),
    };
    let path = match name.split_once('/') {
        Some((domain, path)) if is_domain(domain) => path,
        _ => name,
    };
    path.split('/').all(is_component) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest)
}

fn is_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let named = text.contains(['.', ':']) || text == "localhost" || text.to_lowercase() != text;
    named && host.split('.').all(label) && port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Tells whether a text is a part of a path: words of small letters and digits, joined by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(word) && text.bytes().last().is_some_and(word);
    let separators = text.split(|char: char| char.is_ascii_lowercase() || char.is_ascii_digit());
    let joined = |one: &str| matches!(one, "" | "." | "_" | "__") || one.bytes().all(|byte| byte == b'-');
    ends && separators.into_iter().all(joined)
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().next().is_some_and(word)
        && text.len() <= 128
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    match text.split_once(':') {
        Some(("sha256", hex)) => is_hex(hex, 64),
        Some(("sha384", hex)) => is_hex(hex, 96),
        Some(("sha512", hex)) => is_hex(hex, 128),
        _ => false,
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_references_apart() {
        let base = Base::read("docker.io/library/debian:12@sha256:ab", None);
        assert_eq!((base.registry, base.name), (Some("docker.io"), "library/debian"));
        assert_eq!((base.tag, base.digest), (Some("12"), Some("sha256:ab")));
        assert_eq!(Base::read("${REPO:-a.b/c}:${TAG:-1}", None).tag, Some("${TAG:-1}"));
        assert_eq!(Base::read("$BASE", None).name, "$BASE");
    }

    #[test]
    fn knows_references() {
        for text in ["debian", "debian:12", "localhost:5000/a/b", "a.b/c__d/e--f:Tag.1", "scratch"] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["", "docker:-dind", ":.16", "REPLACE-ME", "ghcr.io/cross-rs/:latest", "a b", "a:", "-a"] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
