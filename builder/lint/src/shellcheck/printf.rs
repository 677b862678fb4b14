//! SC2182, SC2183: the arguments of `printf` against the directives of its format.

use super::linter::Remark;
use super::supplement::remark;
use crate::shell::Command;

/// Minds a `printf` whose arguments its format has no use for, or has too many uses for.
pub(super) fn remarks(command: &Command, body: &str) -> Option<Remark> {
    let mut words = command.args();
    loop {
        words = match words {
            [first, rest @ ..] if first.text == "--" => rest,
            [first, _, rest @ ..] if first.text == "-v" => rest,
            _ => break,
        };
    }
    let [format, arguments @ ..] = words else { return None };
    if !format.literal {
        return None;
    }
    let wanted = directives(&format.text)?;
    let place = format.start..format.end;
    match (wanted.len(), arguments.len()) {
        (0, 0) => None,
        (0, _) => Some(remark("SC2182", "the format has no directive for what follows it", place)),
        _ if arguments.iter().any(|one| may_be_several(body.get(one.start..one.end).unwrap_or_default())) => None,
        // The current time stands in for those of a time that are missing.
        (_, given)
            if wanted
                .get(given..)
                .is_some_and(|missing| !missing.is_empty() && missing.iter().all(|one| *one == 'T')) =>
        {
            None
        }
        (wanted, given) if given > 0 && given % wanted == 0 => None,
        (wanted, given) => {
            let message = format!("the format has {wanted} directives, but {given} arguments follow it");
            Some(remark("SC2183", message, place))
        }
    }
}

/// Returns the letters of a format's directives, a star for a width or a precision that is an argument of its own;
/// nothing where one cannot be read.
fn directives(format: &str) -> Option<Vec<char>> {
    let mut found = Vec::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            rest = after;
            continue;
        }
        if rest.starts_with('(') {
            let end = rest.find(")T")?;
            found.push('T');
            rest = &rest[end + 2..];
            continue;
        }
        rest = rest.trim_start_matches(|char: char| char.is_ascii_digit() || "$-#+ 0'".contains(char));
        for part in ["", "."] {
            let Some(number) = rest.strip_prefix(part) else { continue };
            match number.strip_prefix('*') {
                Some(after) => {
                    found.push('*');
                    rest = after;
                }
                None => rest = number.trim_start_matches(|char: char| char.is_ascii_digit()),
            }
        }
        rest = rest.trim_start_matches(['h', 'l', 'L', 'j', 'z', 't']);
        let letter = rest.chars().next().filter(char::is_ascii_alphabetic)?;
        found.push(letter);
        rest = &rest[1..];
    }
    Some(found)
}

/// Tells whether a word, as it is written, may become several or none.
fn may_be_several(written: &str) -> bool {
    let quoted = written.len() > 1 && written.starts_with('"') && written.ends_with('"');
    let all = ["$@", "[@]", "${!"].iter().any(|sign| written.contains(sign));
    let single = written.starts_with('\'') && written.ends_with('\'');
    !single && (all || (!quoted && written.contains(['$', '`', '*', '?', '[', '{'])))
}

#[cfg(test)]
mod tests {
    use super::super::Shuck;
    use super::super::dialect::ShellDialect;
    use super::super::linter::{Script, ShellLinter as _};

    fn codes(body: &str) -> Vec<&'static str> {
        let remarks = Shuck.lint(&Script::new(ShellDialect::Bash, &["X"], body));
        let all = remarks.into_iter().map(|one| one.code.id);
        all.filter(|code| ["SC2182", "SC2183"].contains(code)).collect()
    }

    #[test]
    fn too_few_and_too_many_arguments() {
        for body in [
            "printf '%s'",
            "printf '%s %s\\n' a b c",
            "printf -v a '%s %s' b",
            "printf -- '%d\\n'",
            "printf '%*s' 1",
            "printf '%.*f' 1",
            "printf '%5d|%-10s|%05.2f' a b",
            "printf '%s=%s\\n' \"$X\"",
        ] {
            assert_eq!(codes(body), ["SC2183"], "{body}");
        }
        assert_eq!(codes("printf 'hello\\n' a"), ["SC2182"]);
        assert_eq!(codes("printf '%%\\n' a"), ["SC2182"]);
    }

    #[test]
    fn formats_are_used_again_and_words_may_be_several() {
        for body in [
            "printf '%s\\n' a b",
            "printf 'Pin: *\\n' > /etc/x",
            "printf '%s %s' $X",
            "printf '%s=%s\\n' a*",
            "printf '%(%s)T'",
            "printf '%s %s' \"$@\"",
            "printf '100% sure\\n' a b",
            "printf 'a%'",
            "printf \"$X\" a",
        ] {
            assert_eq!(codes(body), Vec::<&str>::new(), "{body}");
        }
    }
}
