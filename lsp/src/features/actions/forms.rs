//! Other ways to say the same: the two forms of a command, and COPY for ADD.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Command, Instruction, Kind, Source};
use containr_lint::Edit;

use super::refactor::{Refactoring, Rewrite, Spot};

/// Offers the JSON form for CMD and ENTRYPOINT.
pub(super) fn to_json(spot: &Spot<'_>) -> Vec<Refactoring> {
    let Some((name, Command::Shell(text))) = command_at(spot) else { return Vec::new() };
    if text.value.trim().is_empty() || has_comment(spot, text.span) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut offer = |title: String, words: &[&str]| {
        let edits = vec![Edit { span: text.span, text: json(words) }];
        found.push(Refactoring { title, rewrite: Rewrite::Rephrase, edits });
    };
    if let Some(words) = simple_words(&text.value) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        offer(format!("Write {name} in the JSON form, without a shell"), &words);
    }
    if spot.is_posix() {
        offer(format!("Write {name} in the JSON form, with its shell"), &["/bin/sh", "-c", text.value.as_str()]);
    }
    found
}

/// Offers the shell form for CMD and ENTRYPOINT.
pub(super) fn to_shell(spot: &Spot<'_>) -> Option<Refactoring> {
    let (name, Command::Exec(words)) = command_at(spot).filter(|_| spot.is_posix())? else { return None };
    let (first, last) = (words.first()?, words.last()?);
    let text = spot.parsed.text();
    // The brackets stand outside of the words, maybe lines away.
    let start = text[..first.span.start as usize].rfind('[')?;
    let end = last.span.end as usize + text[last.span.end as usize..].find(']')? + 1;
    let span = crate::cursor::span(start, end);
    if has_comment(spot, span) {
        return None;
    }
    let plain = match words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().as_slice() {
        ["/bin/sh" | "sh", "-c", script] if !script.contains('\n') => (*script).to_owned(),
        words => words.iter().map(|word| quoted(word)).collect::<Option<Vec<_>>>()?.join(" "),
    };
    let title = format!("Write {name} in the shell form");
    Some(Refactoring { title, rewrite: Rewrite::Rephrase, edits: vec![Edit { span, text: plain }] })
}

/// Offers COPY for an ADD that neither downloads nor unpacks.
pub(super) fn add_to_copy(spot: &Spot<'_>) -> Option<Refactoring> {
    let instruction = spot.instruction()?;
    let Kind::Add(add) = &instruction.kind else { return None };
    let is_local = |source: &Source| match source {
        Source::Heredoc(_) => true,
        Source::Path(path) => !is_remote(&path.value) && !is_archive(&path.value),
    };
    let own = add.checksum.is_some() || add.keep_git_dir.is_some() || add.unpack.is_some();
    if own || !add.sources.iter().all(is_local) {
        return None;
    }
    let lower = instruction.keyword.value.starts_with('a');
    let text = if lower { "copy" } else { "COPY" }.to_owned();
    let edits = vec![Edit { span: instruction.keyword.span, text }];
    Some(Refactoring { title: "Use COPY instead of ADD".to_owned(), rewrite: Rewrite::Rephrase, edits })
}

fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.contains('$') || path.contains(".git#")
}

fn is_archive(path: &str) -> bool {
    const ENDINGS: [&str; 12] =
        [".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".gz", ".xz"];
    ENDINGS.iter().any(|ending| path.to_ascii_lowercase().ends_with(ending))
}

fn command_at<'a>(spot: &Spot<'a>) -> Option<(&'static str, &'a Command)> {
    let instruction: &Instruction = spot.instruction()?;
    match &instruction.kind {
        Kind::Cmd(command) => Some(("CMD", command)),
        Kind::Entrypoint(command) => Some(("ENTRYPOINT", command)),
        _ => None,
    }
}

fn has_comment(spot: &Spot<'_>, span: Span) -> bool {
    !spot.comments_between(span.start as usize, span.end as usize).is_empty()
}

/// Returns the words of a command that means the same without a shell.
fn simple_words(text: &str) -> Option<Vec<String>> {
    if text.contains(['$', '`', '|', '&', ';', '<', '>', '(', ')', '*', '?', '[', ']', '~', '#', '\\', '{', '!']) {
        return None;
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for char in text.chars() {
        match quote {
            Some(open) if char == open => quote = None,
            Some(_) => word.get_or_insert_default().push(char),
            None if char == '\'' || char == '"' => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            None if char.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    let first: &String = words.first()?;
    // An assignment and a builtin need the shell.
    let needs_shell =
        first.contains('=') || matches!(first.as_str(), "exec" | "cd" | "export" | "set" | "." | "source");
    (quote.is_none() && !needs_shell).then_some(words)
}

/// Returns a JSON array of strings.
fn json(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| serde_json::Value::from(*word).to_string()).collect();
    format!("[{}]", words.join(", "))
}

/// Returns a word as a shell reads it back; one with a line break has no such form in a Dockerfile.
fn quoted(word: &str) -> Option<String> {
    let plain = |char: char| char.is_ascii_alphanumeric() || "@%+=:,./_-".contains(char);
    if word.contains(['\n', '\r']) {
        return None;
    }
    Some(match word {
        "" => "''".to_owned(),
        word if word.chars().all(plain) => word.to_owned(),
        word => format!("'{}'", word.replace('\'', r"'\''")),
    })
}
