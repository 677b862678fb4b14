//! Finds the uses of variables in the tokens of instructions.

use std::collections::BTreeMap;

use containr_dockerfile::syntax::{Command, Healthcheck, Instruction, Kind, Source};
use containr_dockerfile::{Parsed, Span, Spanned, SyntaxKind};

use super::{Model, Scope, Use, UseSite, instructions};
use crate::tokens::Token;

/// Lists the uses in the order of the text.
pub(super) fn uses(parsed: &Parsed, tokens: &[Token], model: &Model) -> Vec<Use> {
    let mut scan = Scan {
        text: parsed.text(),
        escape: parsed.escape().char(),
        model,
        found: Vec::new(),
        assigned: BTreeMap::new(),
    };
    for (stage, instruction) in instructions(parsed) {
        let from = tokens.partition_point(|token| token.span.start < instruction.span.start);
        let to = tokens.partition_point(|token| token.span.start < instruction.span.end);
        scan.instruction(instruction, stage, &tokens[from..to]);
    }
    scan.found
}

struct Scan<'a> {
    text: &'a str,
    escape: char,
    model: &'a Model,
    found: Vec<Use>,
    /// The names that the instruction's own script sets, each with the end of the first word that does.
    assigned: BTreeMap<&'a str, u32>,
}

/// What is known where a piece of text begins.
struct Place {
    stage: Option<usize>,
    /// Definitions of this instruction do not hold in it.
    start: u32,
    site: UseSite,
}

impl<'a> Scan<'a> {
    fn instruction(&mut self, instruction: &Instruction, stage: Option<usize>, tokens: &[Token]) {
        if !self.text[instruction.span.range()].contains('$') {
            return;
        }
        let inner = innermost(instruction);
        self.assigned = match inner.kind {
            Kind::Run(_) => assigned(self.text, instruction.span),
            _ => BTreeMap::new(),
        };
        let is_from = matches!(instruction.kind, Kind::From(_));
        let place = |site| Place { stage: stage.filter(|_| !is_from), start: instruction.span.start, site };
        let mut quote = None;
        let mut joins = false;
        for token in tokens {
            match token.kind {
                SyntaxKind::Flag => {
                    quote = None;
                    self.piece(token.span, &place(UseSite::Argument), &mut quote);
                }
                SyntaxKind::Word | SyntaxKind::Value | SyntaxKind::Name | SyntaxKind::Text | SyntaxKind::String => {
                    if let Some(site) = site_of(inner, token.kind) {
                        quote = quote.filter(|_| joins && token.kind != SyntaxKind::String);
                        self.piece(token.span, &place(site), &mut quote);
                    }
                    joins = false;
                }
                SyntaxKind::HeredocBody => {
                    if let Some(site) = body_site(inner, token.span) {
                        // In a file that is copied quotes are plain text; in a script they are the shell's.
                        let mut quote = (site == UseSite::Argument).then_some('\0');
                        self.piece(token.span, &place(site), &mut quote);
                    }
                }
                SyntaxKind::Continuation => joins = true,
                _ => {}
            }
        }
    }

    /// Reads a run of text; `quote` is the open quotation mark, or NUL where none counts.
    fn piece(&mut self, span: Span, place: &Place, quote: &mut Option<char>) {
        let text = &self.text[span.range()];
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = bytes[at..].iter().position(|byte| b"$'\"\\`".contains(byte)) {
            at += found;
            let char = char::from(bytes[at]);
            let escapes = char == if place.site == UseSite::Shell { '\\' } else { self.escape };
            match char {
                '\'' if *quote == Some('\'') => *quote = None,
                _ if *quote == Some('\'') => {}
                _ if escapes => at += 1,
                '$' => at = self.dollar(span, at, place),
                '\'' if quote.is_none() => *quote = Some('\''),
                '"' if quote.is_none() => *quote = Some('"'),
                '"' if *quote == Some('"') => *quote = None,
                _ => {}
            }
            at = (at + 1).min(bytes.len());
        }
    }

    /// Reads what stands behind a `$`; returns the index of the last byte that belongs to it.
    fn dollar(&mut self, span: Span, at: usize, place: &Place) -> usize {
        let text = &self.text[span.range()];
        let rest = &text[at + 1..];
        let braced = rest.starts_with('{');
        let start = at + 1 + usize::from(braced);
        let name = name(&text[start..]);
        if name.is_empty() {
            return at;
        }
        let end = start + name.len();
        let close = if braced { closing(text, end) } else { Some(end) };
        let Some(close) = close else { return at };
        let offset = |index: usize| span.start + index as u32;
        let scope = place.stage.map_or(Scope::Global, Scope::Stage);
        let is_own = place.site == UseSite::Shell && self.assigned.get(name).is_some_and(|set| *set < offset(at));
        let definition = if is_own { None } else { self.model.definition_of(name, place.stage, place.start) };
        self.found.push(Use {
            name: Spanned::new(name.to_owned(), Span::new(offset(start), offset(end))),
            whole: Span::new(offset(at), offset(close)),
            site: place.site,
            scope,
            definition,
        });
        // What stands inside of the braces after the name may hold further uses.
        end - 1
    }
}

/// Returns the trigger of an ONBUILD, or the instruction itself.
fn innermost(instruction: &Instruction) -> &Instruction {
    match &instruction.kind {
        Kind::Onbuild(onbuild) => innermost(&onbuild.trigger),
        _ => instruction,
    }
}

/// Returns who expands an argument of an instruction, if anyone does.
fn site_of(instruction: &Instruction, token: SyntaxKind) -> Option<UseSite> {
    let shell = |command: &Command| match command {
        Command::Shell(_) if token == SyntaxKind::Text => Some(UseSite::Shell),
        _ => None,
    };
    match &instruction.kind {
        Kind::Run(run) => shell(&run.command),
        Kind::Cmd(command) | Kind::Entrypoint(command) => shell(command),
        Kind::Healthcheck(Healthcheck::Probe(probe)) => shell(&probe.command),
        Kind::Healthcheck(Healthcheck::None) | Kind::Shell(_) | Kind::Maintainer(_) | Kind::Unknown => None,
        _ => Some(UseSite::Argument),
    }
}

/// Returns who expands the body of a heredoc, if anyone does.
fn body_site(instruction: &Instruction, body: Span) -> Option<UseSite> {
    let sources = match &instruction.kind {
        Kind::Run(_) => return Some(UseSite::Shell),
        Kind::Copy(copy) => &copy.sources,
        Kind::Add(add) => &add.sources,
        _ => return None,
    };
    let expands = sources.iter().any(|source| match source {
        Source::Heredoc(heredoc) => heredoc.expand && heredoc.content.span == body,
        Source::Path(_) => false,
    });
    expands.then_some(UseSite::Argument)
}

/// Returns the variables that a script sets for itself, by `NAME=VALUE` or `for NAME`, each with the end of that word.
///
/// Up to there the variable still has the value from outside, as in `NAME="${NAME:-default}"`.
fn assigned(text: &str, span: Span) -> BTreeMap<&str, u32> {
    let script = &text[span.range()];
    let parts = |char: char| char.is_whitespace() || ";&|(){}`\"'".contains(char);
    let mut found = BTreeMap::new();
    let mut after_for = false;
    let mut at = 0;
    for word in script.split(parts) {
        let name = name(word);
        let sets = !name.is_empty() && (after_for && name == word || word[name.len()..].starts_with('='));
        if sets {
            found.entry(name).or_insert_with(|| span.start + value_end(script, at + name.len()) as u32);
        }
        after_for = word == "for" || (after_for && word.is_empty());
        at += word.len() + script[at + word.len()..].chars().next().map_or(0, char::len_utf8);
    }
    found
}

/// Returns where the shell's word ends that goes on at `from`; quotes and substitutions in it are passed over.
fn value_end(script: &str, from: usize) -> usize {
    let (mut quote, mut depth, mut escaped) = (None, 0_usize, false);
    for (index, byte) in script.bytes().enumerate().skip(from).take(MAX_SUBSTITUTION) {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (None | Some(b'"'), b'\\') => escaped = true,
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'(' | b'{') => depth += 1,
            (None, b')' | b'}') if depth > 0 => depth -= 1,
            (None, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')') if depth == 0 => return index,
            (None, _) => {}
        }
    }
    script.len().min(from + MAX_SUBSTITUTION)
}

/// Returns the name of a variable at the start of a text; special parameters such as `$1` and `$?` have none.
fn name(text: &str) -> &str {
    let end = text.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(text.len());
    if text.starts_with(|char: char| char.is_ascii_digit()) { "" } else { &text[..end] }
}

/// Returns the index behind the brace that closes a substitution whose name ends at `from`.
fn closing(text: &str, from: usize) -> Option<usize> {
    let mut depth = 1;
    for (index, byte) in text.bytes().enumerate().skip(from).take(MAX_SUBSTITUTION) {
        match byte {
            b'{' if text.as_bytes()[index - 1] == b'$' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Bounds the search for a closing brace, so that many open ones cost no more than linear time.
const MAX_SUBSTITUTION: usize = 4096;
