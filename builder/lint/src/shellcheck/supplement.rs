//! What ShellCheck says of single commands and the linter does not know yet.

use super::linter::Remark;
use super::{codes, printf};
use crate::shell::{Command, Commands, Word};

/// Judges the commands of a body.
pub(super) fn remarks(body: &str, commands: &Commands) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = commands.list.iter().flat_map(|command| of_command(command, body)).collect();
    remarks.extend(commands.pipes.iter().filter_map(|pipe| pipe_to_deaf(*pipe, commands, body)));
    remarks
}

/// Minds a pipe into a command that does not read it, where assignments stand before the name; the linter knows the rest.
fn pipe_to_deaf(pipe: usize, commands: &Commands, body: &str) -> Option<Remark> {
    const DEAF: [&str; 40] = [
        "alias", "basename", "bg", "cal", "cd", "chgrp", "chmod", "chown", "cp", "du", "echo", "export", "fg", "fuser",
        "getconf", "getopt", "getopts", "ipcrm", "ipcs", "jobs", "kill", "ln", "ls", "locale", "mv", "printf", "ps",
        "pwd", "readlink", "realpath", "renice", "rm", "rmdir", "set", "sleep", "touch", "trap", "ulimit", "unalias",
        "uname",
    ];
    let command = commands.list.iter().find(|command| command.words.first().is_some_and(|word| word.start > pipe))?;
    let name = command.words.first().filter(|name| name.literal && DEAF.contains(&name.text.as_str()))?;
    let between: Vec<&str> = body.get(pipe + 1..name.start)?.split_whitespace().collect();
    let plain = |char: char| char.is_ascii_alphanumeric() || "_-./:,".contains(char);
    let assigns =
        |word: &str| word.split_once('=').is_some_and(|(name, value)| (name.to_owned() + value).chars().all(plain));
    let message = format!("`{}` does not read what is piped to it", name.text);
    let last = command.words.last().map_or(name.end, |last| last.end);
    (!between.is_empty() && between.iter().all(|word| assigns(word))).then(|| remark("SC2216", message, pipe + 1..last))
}

/// Makes a remark at a place of the body.
pub(super) fn remark(id: &str, message: impl Into<String>, range: std::ops::Range<usize>) -> Remark {
    let code = codes::find(id).expect("the code is in the table");
    Remark { code, severity: code.severity, message: message.into(), range, fix: None }
}

fn of_command(command: &Command, body: &str) -> Vec<Remark> {
    let Some(first) = command.words.first() else { return Vec::new() };
    let file = first.text.rsplit('/').next().filter(|_| first.literal);
    let whole = first.start..command.words.last().map_or(first.end, |last| last.end);
    let by_name = match file {
        Some("find") => find_without_path(command).map(|range| {
            remark("SC2185", "this `find` has no path; not every one takes the current folder then", range)
        }),
        Some("ln") if lacks_destination(command) => Some(remark("SC2226", "this `ln` has no destination", whole)),
        Some("mv") if lacks_destination(command) => Some(remark("SC2224", "this `mv` has no destination", whole)),
        Some("cp") if lacks_destination(command) => Some(remark("SC2225", "this `cp` has no destination", whole)),
        Some("echo") if tab_between(command, body) => {
            Some(remark("SC2291", "`echo` writes one blank for these; quote them", whole))
        }
        Some("printf") => printf::remarks(command, body),
        Some("mkdir") => mode_of_parents(command).map(|word| {
            remark("SC2174", "with `-p` the mode is that of the deepest folder only", word.start..word.end)
        }),
        _ => None,
    };
    let others = [assignment_with_blanks(command, body), odd_name(first)];
    let system = if file == Some("rm") { of_system(command) } else { Vec::new() };
    system.into_iter().chain(by_name).chain(others.into_iter().flatten()).collect()
}

fn find_without_path(command: &Command) -> Option<std::ops::Range<usize>> {
    const LEADING: &str = "-EHLPXdfsxO0123456789";
    if command.has_flag(&["help"]) {
        return None;
    }
    let leads = |word: &&Word| {
        word.literal
            && word.text.starts_with('-')
            && (word.text.len() <= 2 || word.text.chars().all(|letter| LEADING.contains(letter)))
    };
    let next = command.args().iter().find(|word| !leads(word));
    let is_path = next.is_some_and(|word| !word.literal || !word.text.starts_with('-'));
    let name = command.words.first()?;
    (!is_path).then_some(name.start..name.end)
}

/// Minds folders of the system that `rm -r` removes.
fn of_system(command: &Command) -> Vec<Remark> {
    const FOLDERS: [&str; 14] = [
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/lib64",
        "/media",
        "/mnt",
        "/usr",
        "/usr/bin",
        "/usr/local",
        "/usr/share",
        "/var",
    ];
    if !command.has_flag(&["r", "R", "recursive"]) {
        return Vec::new();
    }
    let is_of_system = |word: &&Word| word.literal && FOLDERS.contains(&word.text.trim_end_matches('/'));
    let message = "this is a folder of the system";
    let found = command.args().iter().filter(is_of_system);
    found.map(|word| remark("SC2114", message, word.start..word.end)).collect()
}

/// Tells whether tabs make a gap of three columns or more between arguments, which the linter does not see.
fn tab_between(command: &Command, body: &str) -> bool {
    const WIDTH: usize = 8;
    let gap = |pair: &[Word]| {
        let Some(before) = body.get(..pair[0].end) else { return false };
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let next = |column: usize, char: char| if char == '\t' { (column / WIDTH + 1) * WIDTH } else { column + 1 };
        // The words in backticks have the place of the whole.
        let Some(between) = body.get(pair[0].end..pair[1].start) else { return false };
        let from = before[line..].chars().fold(0, next);
        let blank = between.chars().all(|char| matches!(char, ' ' | '\t'));
        blank && between.contains('\t') && !between.contains("    ") && between.chars().fold(from, next) - from >= 4
    };
    command.args().windows(2).any(gap)
}

/// Tells whether a command that needs two names has one.
fn lacks_destination(command: &Command) -> bool {
    let plain: Vec<&Word> = command.args().iter().filter(|word| !word.is_flag() && word.text != "--").collect();
    let [single] = plain.as_slice() else { return false };
    // What is no plain text may become several words.
    single.literal && !command.has_flag(&["t", "target-directory", "help", "version"])
}

fn mode_of_parents(command: &Command) -> Option<&Word> {
    let has = |word: &&Word, names: &[&str]| word.flag_names().iter().any(|name| names.contains(name));
    let mode = command.args().iter().find(|word| has(word, &["m", "mode"]))?;
    command.args().iter().find(|word| has(word, &["p", "parents"]))?;
    let values = command.flag_values(&["m"]);
    let folders = command.args().iter().filter(|word| !word.is_flag() && !values.contains(word));
    let is_deep = |word: &Word| {
        let below = word.text.trim_start_matches("../").trim_start_matches("./");
        !word.literal || (word.text.contains('/') && (below.contains('/') || below == word.text))
    };
    folders.into_iter().any(is_deep).then_some(mode)
}

fn assignment_with_blanks(command: &Command, body: &str) -> Option<Remark> {
    let word = command.args().first()?;
    let written = body.get(word.start..word.end)?;
    if written.starts_with("====") {
        return None;
    }
    let place = word.start..word.end;
    if written.starts_with("+=") {
        let whole = command.words.first().map_or(place.start, |name| name.start)..place.end;
        return Some(remark("SC2285", "an assignment has no blanks around `+=`; quote it where it is a text", whole));
    }
    if written.starts_with("==") {
        return Some(remark("SC2284", "`[ x = y ]` compares; quote `==` where it is a text", place));
    }
    let message = "an assignment has no blanks around `=`; `[ ]` compares; quote it where it is a text";
    written.starts_with('=').then(|| remark("SC2283", message, place))
}

fn odd_name(name: &Word) -> Option<Remark> {
    if !name.literal || [".", ":", " ", "//"].contains(&name.text.as_str()) {
        return None;
    }
    let place = name.start..name.end;
    match name.text.chars().last() {
        None => Some(remark("SC2286", "this empty text is the name of a command; `true` does nothing", place)),
        Some('/') => Some(remark("SC2287", "this is the name of a command and ends with `/`", place)),
        Some(last) if "\\.,([{<>}])#\"'% ".contains(last) => {
            Some(remark("SC2288", format!("this is the name of a command and ends with `{last}`"), place))
        }
        _ => None,
    }
}
