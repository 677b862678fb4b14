//! SC2153: a variable that nothing sets, whose name is nearly that of one that is set.
//!
//! The linter knows only the names that a body mentions; here all names count that a RUN finds in its environment.

use std::collections::BTreeSet;

use super::linter::Remark;
use super::supplement::remark;
use super::variables::{Use, uses};

/// What a shell or the login sets, beside the names that begin with `BASH` or `COMP_` (measured with ShellCheck 0.11).
const SET_ELSEWHERE: &str = " CDPATH CHILD_MAX COLUMNS COMPREPLY COPROC DIRSTACK DISPLAY EMACS ENV EPOCHREALTIME EPOCHSECONDS \
    EUID EXECIGNORE FCEDIT FIGNORE FLAGS_ARGC FLAGS_ARGV FLAGS_ERROR FLAGS_FALSE FLAGS_HELP FLAGS_PARENT FLAGS_RESERVED \
    FLAGS_TRUE FLAGS_VERSION FUNCNAME FUNCNEST GLOBIGNORE GLOBSORT GROUPS HISTCMD HISTCONTROL HISTFILE HISTFILESIZE \
    HISTIGNORE HISTSIZE HISTTIMEFORMAT HOME HOSTFILE HOSTNAME HOSTTYPE IFS IGNOREEOF INPUTRC INSIDE_EMACS KRB5CCNAME LANG \
    LANGUAGE LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME LD_LIBRARY_PATH LINENO LINES LOGNAME \
    MACHTYPE MAIL MAILCHECK MAILPATH MAPFILE OLDPWD OPTARG OPTERR OPTIND OSTYPE PATH PIPESTATUS POSIXLY_CORRECT PPID \
    PROMPT_COMMAND PROMPT_DIRTRIM PS0 PS1 PS2 PS3 PS4 PWD RANDOM READLINE_ARGUMENT READLINE_LINE READLINE_MARK \
    READLINE_POINT REPLY REST SECONDS SHELL SHELLOPTS SHLVL SRANDOM TERM TIMEFORMAT TMOUT TMPDIR TZ UID USER XAUTHORITY ";

/// Edits up to which a name of more than seven letters is taken for another one; shorter ones allow one less.
const NEAR: usize = 2;

/// Minds the first use of each name that nothing sets: neither the body nor the environment, of which `known` are the
/// names that stand in the body and `all` gives every name.
pub(super) fn remarks<'n, I>(body: &str, known: &[&str], all: impl Fn() -> I) -> Vec<Remark>
where
    I: Iterator<Item = &'n str>,
{
    let unset: Vec<Use<'_>> = uses(body).into_iter().filter(|one| could_be_unset(one.name, known)).collect();
    if unset.is_empty() {
        return Vec::new();
    }
    let assigned = assigned(body);
    let mut seen = BTreeSet::new();
    let first = unset.into_iter().filter(|one| seen.insert(one.name) && !assigned.contains(one.name));
    first
        .filter(|one| !is_guarded(body, one))
        .filter_map(|one| {
            let candidates = all().map(|name: &str| name).chain(assigned.iter().copied());
            let near = candidates.filter_map(|name| Some((distance(one.name, name)?, name)));
            let (_, meant) = near.min()?;
            Some(remark("SC2153", format!("nothing sets `{}`; `{meant}` may be meant", one.name), one.range))
        })
        .collect()
}

/// Tells whether a name is one of those that scripts share with the environment, and is not known to be set.
fn could_be_unset(name: &str, known: &[&str]) -> bool {
    let shared =
        !name.starts_with(|first: char| first.is_ascii_digit()) && !name.contains(|one: char| one.is_lowercase());
    let elsewhere = || {
        let families = ["BASH", "COMP_"];
        families.iter().any(|family| name.starts_with(family)) || SET_ELSEWHERE.contains(&format!(" {name} "))
    };
    shared && name != "_" && !known.contains(&name) && !elsewhere()
}

/// Tells whether a use brings what stands in for an unset variable: `${NAME:-word}`, `${NAME?message}`.
fn is_guarded(body: &str, one: &Use<'_>) -> bool {
    let Some(inside) = body.get(one.range.clone()).and_then(|text| text.strip_prefix("${")) else { return false };
    let Some(mut rest) = inside.strip_prefix(one.name) else { return false };
    if rest.starts_with('[') {
        rest = rest.rfind(']').map_or(rest, |end| &rest[end + 1..]);
    }
    rest.trim_start_matches(':').starts_with(['-', '?'])
}

/// Returns the names that a body gives a value: by assignment, in a loop, or through a command that sets its arguments.
///
/// What stands in front of a command is set for that command alone, and `NAME=value` behind one is its argument.
fn assigned(body: &str) -> BTreeSet<&str> {
    const SETTERS: [&str; 10] =
        ["declare", "export", "for", "getopts", "local", "mapfile", "read", "readonly", "select", "typeset"];
    const OPENERS: [&str; 9] = ["!", "{", "do", "elif", "else", "if", "then", "until", "while"];
    let mut names = BTreeSet::new();
    for command in body.split([';', '&', '|', '\n']) {
        let mut words = command.trim_start_matches([' ', '(']).split_whitespace().peekable();
        while words.next_if(|word| OPENERS.contains(word)).is_some() {}
        let all = words.clone().count();
        let setter = words.next_if(|word| SETTERS.contains(word)).is_some();
        let targets: Vec<&str> = words.map_while(|word| target(word, setter)).collect();
        if setter || targets.len() == all {
            names.extend(targets.into_iter().filter(|name| !name.is_empty()));
        }
    }
    names
}

/// Returns the name that a word sets; an empty one for an option of a command that sets its arguments.
fn target(word: &str, setter: bool) -> Option<&str> {
    let length = word.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(word.len());
    let (name, rest) = word.split_at(length);
    let is_name = name.starts_with(|first: char| !first.is_ascii_digit());
    let sets = rest.starts_with(['=', '[']) || rest.starts_with("+=") || (setter && rest.is_empty() && name != "in");
    match is_name && sets {
        true => Some(name),
        false => (setter && name != "in").then_some(""),
    }
}

/// Returns how far two names are apart, where that is near enough for a misspelling.
fn distance(used: &str, set: &str) -> Option<usize> {
    let limit = match set.len() {
        0..=3 => return None,
        4..=7 => NEAR - 1,
        _ => NEAR,
    };
    if used.len().abs_diff(set.len()) > limit {
        return None;
    }
    let found = if used.eq_ignore_ascii_case(set) { 1 } else { edits(used.as_bytes(), set.as_bytes()) };
    (found <= limit).then_some(found)
}

/// Returns the number of insertions, removals and replacements between two names.
fn edits(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, byte) in left.iter().enumerate() {
        let mut before = index;
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = before + usize::from(byte != other);
            before = row[column + 1];
            row[column + 1] = replaced.min(before + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str, environment: &[&str]) -> Vec<String> {
        let known: Vec<&str> = environment.iter().copied().filter(|name| body.contains(name)).collect();
        let all = || ["HTTP_PROXY"].into_iter();
        remarks(body, &known, all).into_iter().map(|one| body[one.range].to_owned()).collect()
    }

    #[test]
    fn a_name_that_is_nearly_set() {
        assert_eq!(told("echo \"$RTTP_PROXY\" $RTTP_PROXY", &[]), ["$RTTP_PROXY"]);
        assert_eq!(told("TARGET=1; echo ${TARGE}", &[]), ["${TARGE}"]);
        assert_eq!(told("export -n TARGET=1 && echo ${TARGE}", &[]), ["${TARGE}"]);
        assert_eq!(told("for DIRECTORY in a; do ls $DIRECTRY; done", &[]), ["$DIRECTRY"]);
    }

    #[test]
    fn names_that_are_set_or_far_away_or_guarded() {
        for body in [
            "echo $HTTP_PROXY",
            "HTTP_PROXI=1; echo $HTTP_PROXI",
            "echo $SOMETHING_ELSE",
            "echo ${HTTP_PROXI:-none} ${HTTP_PROXI?no}",
            "echo '$HTTP_PROXI'",
            "http_proxi=1; echo $http_prox",
            "ABC=1; echo $ABD",
            "make TARGET_ARC=$TARGETARC",
            "TARGET_ARC=1 make $TARGETARC",
        ] {
            assert_eq!(told(body, &["HTTP_PROXY"]), Vec::<String>::new(), "{body}");
        }
    }
}
