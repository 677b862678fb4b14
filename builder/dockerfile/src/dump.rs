//! Prints a Dockerfile as the syntax tree of BuildKit's parser, for comparison with it.

use std::fmt::Write;

use crate::diagnostic::{Code, Diagnostic};
use crate::logical::Logical;
use crate::parse::Parsed;
use crate::source::{Line, Lines};
use crate::statement::{Args, Statement};
use crate::syntax::{Delimiter, Instruction};
use crate::words::{FlagWord, Word};

/// Says why a text has no tree in BuildKit's form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file has no syntax tree in BuildKit's form: {}", .0.message)]
pub struct NoTree(pub Diagnostic);

/// Prints the tree in the form of BuildKit's own dump, one instruction a line.
///
/// # Errors
/// Returns the first remark that also makes BuildKit's parser give up.
pub fn buildkit_ast(parsed: &Parsed) -> Result<String, NoTree> {
    const FATAL: [Code; 5] = [
        Code::NoInstructions,
        Code::DuplicateDirective,
        Code::InvalidEscape,
        Code::UnterminatedHeredoc,
        Code::InvalidHeredoc,
    ];
    let mut remarks = parsed.diagnostics().iter();
    if let Some(remark) = remarks.find(|one| FATAL.contains(&one.code)) {
        return Err(NoTree(remark.clone()));
    }
    let mut text = String::new();
    for instruction in parsed.syntax().instructions() {
        let logical = logical(parsed, instruction);
        let statement = Statement::read(&logical.text, parsed.escape());
        if statement.is_refused() {
            let span = instruction.span;
            let mut within =
                parsed.diagnostics().iter().filter(|one| span.start <= one.span.start && one.span.end <= span.end);
            let remark = within.next().expect("an instruction without a form has a remark that says why");
            return Err(NoTree(remark.clone()));
        }
        text.push('(');
        text.push_str(&dump(&statement));
        text.push_str(")\n");
    }
    Ok(text)
}

/// Joins the lines of an instruction again, since the typed syntax keeps only what they mean.
fn logical(parsed: &Parsed, instruction: &Instruction) -> Logical {
    let start = instruction.span.start as usize;
    let mut lines = Lines::new(parsed.text(), start);
    let line = lines.next().unwrap_or(Line { start, end: start, next: start });
    Logical::read(parsed.text(), start, line, &mut lines, parsed.escape())
}

fn dump(statement: &Statement<'_>) -> String {
    let mut text = statement.keyword.text.to_lowercase();
    if !statement.flags.is_empty() {
        let flags: Vec<String> = statement.flags.iter().map(|flag: &FlagWord| quote(&flag.text)).collect();
        let _ = write!(text, " [{}]", flags.join(" "));
    }
    match statement.name {
        // BuildKit gives an unknown instruction one empty argument, whatever follows it.
        None => text.push_str(" \"\""),
        Some(_) => args(&statement.args, &mut text),
    }
    text.trim().to_owned()
}

fn args(args: &Args<'_>, text: &mut String) {
    let mut push = |value: &str| {
        text.push(' ');
        text.push_str(&quote(value));
    };
    match args {
        Args::None | Args::Faulty(..) | Args::Ignored(_) => {}
        Args::Text(word) => push(&word.text),
        Args::Words(words) | Args::Json(words, _) => words.iter().for_each(|word: &Word<'_>| push(&word.text)),
        Args::Pairs(pairs) => {
            for pair in pairs {
                push(&pair.name.text);
                push(&pair.value.text);
                push(if pair.delimiter == Delimiter::Equals { "=" } else { "" });
            }
        }
        Args::Health(kind, command) => {
            push(&kind.text);
            self::args(command, text);
        }
        Args::Nested(inner) => {
            let _ = write!(text, " ({})", dump(inner));
        }
    }
}

/// Quotes a string as Go's `strconv.Quote` does.
fn quote(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for char in value.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\x07' => text.push_str("\\a"),
            '\x08' => text.push_str("\\b"),
            '\x0c' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\x0b' => text.push_str("\\v"),
            _ if is_printable(char) => text.push(char),
            _ => {
                let code = u32::from(char);
                let _ = match code {
                    0..0x80 => write!(text, "\\x{code:02x}"),
                    0x80..0x1_0000 => write!(text, "\\u{code:04x}"),
                    _ => write!(text, "\\U{code:08x}"),
                };
            }
        }
    }
    text.push('"');
    text
}

/// Tells whether a character is a letter, mark, number, punctuation, symbol or the space.
fn is_printable(char: char) -> bool {
    // The standard escaper knows these classes; behind a letter it leaves combining marks alone.
    char.is_ascii_graphic() || char == ' ' || format!("a{char}").escape_debug().count() == 2
}
