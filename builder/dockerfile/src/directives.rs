//! Parser directives: `# key = value` at the very top of a file.

use crate::diagnostic::{Code, Diagnostics};
use crate::source::{Line, Lines, offset};
use crate::span::{Span, Spanned};
use crate::syntax::{Check, Directives, Escape, Rules};

/// Is one directive line.
struct Entry<'a> {
    key: Key,
    value: Spanned<&'a str>,
    line: Line,
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    Syntax,
    Escape,
    Check,
}

impl Key {
    const ALL: [(&'static str, Self); 3] = [("syntax", Self::Syntax), ("escape", Self::Escape), ("check", Self::Check)];

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, key)| key)
    }

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, key)| *key == self).map_or("", |(name, _)| name)
    }
}

/// Is what stands at the top of a file.
pub(crate) struct Head {
    pub(crate) directives: Directives,
    /// Where the last line ends that is a directive and hence no comment.
    pub(crate) end: usize,
}

/// Reads the directives of a text from `start`, the end of the byte order mark.
pub(crate) fn read(text: &str, start: usize, diagnostics: &mut Diagnostics) -> Head {
    let mut head = Head { directives: Directives::default(), end: start };
    let mut seen = Vec::new();
    for entry in entries(text, start, "#") {
        head.end = entry.line.next;
        if seen.contains(&entry.key) {
            let span = Span::new(offset(entry.line.start), offset(entry.line.end));
            let message = format!("the `{}` directive may stand once", entry.key.name());
            diagnostics.error(span, Code::DuplicateDirective, message);
            continue;
        }
        seen.push(entry.key);
        store(&mut head.directives, &entry, diagnostics);
    }
    if let Some(rest) = after_shebang(text, start) {
        for entry in entries(text, rest, "#") {
            store(&mut head.directives, &entry, diagnostics);
        }
        head.directives.escape = None;
    }
    head
}

/// Finds the front end that a text asks for, as BuildKit does before it knows the language.
///
/// Looks for the `syntax` directive in comments with `#`, then with `//`, then in a JSON object; a `#!` line is skipped.
pub fn detect_syntax(text: &[u8]) -> Option<String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let text = String::from_utf8_lossy(text);
    let start = after_shebang(&text, 0).unwrap_or(0);
    for marker in ["#", "//"] {
        if let Some(entry) = entries(&text, start, marker).find(|entry| entry.key == Key::Syntax) {
            return Some(first_word(entry.value.value).to_owned());
        }
    }
    crate::json::member(&text[start..], "syntax")
}

/// Returns a directive's line in the usual form, `# key=value`; nothing where the value is blank.
pub(crate) fn tidy(line: &str) -> Option<String> {
    let entry = entries(line, 0, "#").next().filter(|entry| !entry.value.value.is_empty())?;
    Some(format!("# {}={}", entry.key.name(), entry.value.value))
}

/// Tells whether the first line of a text would mean something special at the top of a file.
pub(crate) fn is_like_one(text: &str) -> bool {
    text.starts_with("#!") || entries(text, 0, "#").next().is_some()
}

fn store(directives: &mut Directives, entry: &Entry<'_>, diagnostics: &mut Diagnostics) {
    let Spanned { value, span } = entry.value;
    let word = first_word(value);
    let word_span = Span::new(span.start, span.start + offset(word.len()));
    match entry.key {
        Key::Syntax => directives.syntax = Some(Spanned::new(word.to_owned(), word_span)),
        Key::Check => match check(word) {
            Ok(check) => directives.check = Some(Spanned::new(check, word_span)),
            Err(message) => diagnostics.error(word_span, Code::InvalidCheck, message),
        },
        Key::Escape => match value {
            "\\" => directives.escape = Some(Spanned::new(Escape::Backslash, span)),
            "`" => directives.escape = Some(Spanned::new(Escape::Backtick, span)),
            _ => {
                let message = format!("the escape character `{value}` is neither a backslash nor a backtick");
                diagnostics.error(span, Code::InvalidEscape, message);
            }
        },
    }
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

fn after_shebang(text: &str, start: usize) -> Option<usize> {
    text[start..].starts_with("#!").then(|| Lines::new(text, start).next().map_or(start, |line| line.next))
}

/// Returns the directives up to the first line that is none.
fn entries<'a>(text: &'a str, start: usize, marker: &'a str) -> impl Iterator<Item = Entry<'a>> {
    Lines::new(text, start).map_while(move |line| entry(text, line, marker))
}

fn entry<'a>(text: &'a str, line: Line, marker: &str) -> Option<Entry<'a>> {
    let rest = text[line.start..line.end].trim_start().strip_prefix(marker)?.trim_start();
    let (key, value) = rest.split_once('=')?;
    let key = Key::read(key.trim_end_matches(BLANKS))?;
    let mut content = value.trim_start_matches(BLANKS);
    if content.is_empty() {
        // The pattern wants one character, if need be a blank.
        content = &value[value.char_indices().next_back()?.0..];
    }
    let start = line.end - content.len();
    let content = content.trim_end_matches(BLANKS);
    let span = Span::new(offset(start), offset(start + content.len()));
    Some(Entry { key, value: Spanned::new(content, span), line })
}

const BLANKS: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];

/// Says that the settings of the build checks cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidCheck(String);

/// Reads settings of the build checks, in the form of the `check` directive: `skip=A,B|all;error=true;experimental=A|all`.
///
/// # Errors
/// An option that is unknown or has no proper value.
pub fn parse_check(text: &str) -> Result<Check, InvalidCheck> {
    check(text).map_err(InvalidCheck)
}

/// Reads the options of a comment in the form of the directive, `check=skip=RULE note`, as it may stand above an instruction.
///
/// Returns nothing for another comment; one whose options cannot be read has none, as in BuildKit.
pub fn comment_check(comment: &str) -> Option<Check> {
    let (key, value) = comment.trim().split_once('=')?;
    let options = value.trim().split(' ').next().unwrap_or_default();
    key.trim().eq_ignore_ascii_case("check").then(|| parse_check(options).unwrap_or_default())
}

fn check(text: &str) -> Result<Check, String> {
    let mut check = Check::default();
    for part in text.trim().splitn(3, ';').filter(|_| !text.trim().is_empty()) {
        let (key, value) = part.split_once('=').ok_or_else(|| format!("the check option `{part}` has no value"))?;
        match (key.trim(), value.trim()) {
            ("skip", value) => check.skip = rules(value),
            ("experimental", value) => check.experimental = rules(value),
            ("error", value) => {
                check.error = crate::mount::boolean(value).ok_or_else(|| format!("`{value}` is no truth value"))?;
            }
            (key, _) => return Err(format!("unknown check option `{key}`")),
        }
    }
    Ok(check)
}

fn rules(value: &str) -> Rules {
    match value {
        "all" => Rules::All,
        _ => Rules::Named(value.split(',').map(|rule| rule.trim().to_owned()).collect()),
    }
}
