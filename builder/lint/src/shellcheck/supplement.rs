//! What ShellCheck says of single commands and the linter does not know yet.

use super::codes;
use super::linter::Remark;
use crate::shell::{Command, Commands, Word};

/// Judges the commands of a body.
pub(super) fn remarks(body: &str, commands: &Commands) -> Vec<Remark> {
    commands.list.iter().flat_map(|command| of_command(command, body)).collect()
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
        Some("mkdir") => mode_of_parents(command).map(|word| {
            remark("SC2174", "with `-p` the mode is that of the deepest folder only", word.start..word.end)
        }),
        _ => None,
    };
    let others = [assignment_with_blanks(command, body), odd_name(first)];
    by_name.into_iter().chain(others.into_iter().flatten()).collect()
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
        return Some(remark("SC2285", "an assignment has no blanks around `+=`; quote it where it is a text", place));
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
