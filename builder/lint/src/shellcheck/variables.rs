//! SC3028: variables that Bash sets by itself and other shells do not have.

use std::ops::Range;

/// Those that have another value each time.
const DYNAMIC: &[&str] = &["BASH_MONOSECONDS", "EPOCHREALTIME", "EPOCHSECONDS", "RANDOM", "SECONDS", "SRANDOM"];

/// Those that hold a value until the script assigns another one.
const FIXED: &[&str] = &[
    "BASH",
    "BASHOPTS",
    "BASHPID",
    "COPROC",
    "DIRSTACK",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "HOSTNAME",
    "HOSTTYPE",
    "MACHTYPE",
    "MAPFILE",
    "OSTYPE",
    "PIPESTATUS",
    "SHELLOPTS",
    "SHLVL",
    "UID",
];

/// Beginnings of the names of further ones.
const FAMILIES: &[&str] = &[
    "BASH_ALIASES",
    "BASH_ARG",
    "BASH_CMDS",
    "BASH_COMMAND",
    "BASH_EXECUTION_STRING",
    "BASH_LINENO",
    "BASH_LOADABLES_PATH",
    "BASH_REMATCH",
    "BASH_SOURCE",
    "BASH_SUBSHELL",
    "BASH_VERSINFO",
    "COMP_",
];

/// Is the use of a variable.
pub(super) struct Use<'a> {
    pub(super) name: &'a str,
    /// From the dollar sign to the end of the name or the closing brace.
    pub(super) range: Range<usize>,
}

/// Finds the uses of Bash's variables in the body of a script that begins at `body`.
pub(super) fn of_bash(script: &str, body: usize) -> Vec<Use<'_>> {
    let mut found = uses(&script[body..]);
    found.retain(|one| DYNAMIC.contains(&one.name) || (is_fixed(one.name) && !is_assigned(script, one.name)));
    found
}

fn is_fixed(name: &str) -> bool {
    FIXED.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

fn is_assigned(script: &str, name: &str) -> bool {
    let mut places = script.match_indices(name);
    places.any(|(at, _)| {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$' || *byte == b'{';
        let before = at.checked_sub(1).map(|index| &script.as_bytes()[index]);
        script[at + name.len()..].starts_with(['=', '[']) && !before.is_some_and(is_word)
    })
}

/// Finds every `$NAME` and `${NAME...}` that a shell expands.
pub(super) fn uses(text: &str) -> Vec<Use<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut in_double) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => in_double = !in_double,
            b'\'' if !in_double => at += text[at + 1..].find('\'').map_or(0, |length| length + 1),
            b'$' => found.extend(expansion(text, at)),
            _ => {}
        }
        at += 1;
    }
    found
}

fn expansion(text: &str, at: usize) -> Option<Use<'_>> {
    let rest = text.get(at + 1..)?;
    let braced = rest.strip_prefix('{');
    let word = braced.unwrap_or(rest);
    let length = word.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(word.len());
    let start = text.len() - word.len();
    let end = match braced {
        Some(inside) => start + inside.find('}')? + 1,
        None => start + length,
    };
    (length > 0).then_some(Use { name: &word[..length], range: at..end })
}
