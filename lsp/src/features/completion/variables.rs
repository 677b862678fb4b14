//! Variables behind `$` and `${`, and the modifiers behind a name.

use containr_dockerfile::syntax::{Command, Healthcheck, Heredoc, Instruction, Kind};
use tower_lsp_server::ls_types::CompletionItemKind;

use super::{Candidate, Completions, Site};
use crate::cursor::{Argument, Quote, Word, instruction_at, word_in};
use crate::features::semantic::is_script;
use crate::model::{DefinitionKind, Scope};
use crate::reference::{Origin, variables};
use crate::symbol::heredocs;

/// Offers variables where one is begun; tells whether that is so.
pub(super) fn complete(site: &Site<'_>, argument: &Argument, found: &mut Completions) -> bool {
    let Some(begun) = begun(&argument.current) else { return false };
    if expands(site, argument) {
        offer(site, &argument.keyword, &begun, found);
    }
    true
}

/// Offers variables in the body of a heredoc: a script's shell expands them, and the builder those of a copied file.
pub(super) fn complete_body(site: &Site<'_>, found: &mut Completions) {
    let Some(instruction) = instruction_at(site.parsed, site.offset as usize) else { return };
    let holds = |one: &&Heredoc| one.content.span.start <= site.offset && site.offset <= one.content.span.end;
    let Some(heredoc) = heredocs(instruction).into_iter().find(holds) else { return };
    let front = &site.parsed.text()[heredoc.content.span.start as usize..site.offset as usize];
    let inner = innermost(instruction);
    let expands = match &inner.kind {
        Kind::Run(run) if is_script(&run.command, heredoc) => quote_at_end(front) != Quote::Single,
        _ => heredoc.expand,
    };
    if let Some(begun) = begun(&word_in(front, heredoc.content.span.start)).filter(|_| expands) {
        offer(site, &inner.keyword.value.to_ascii_uppercase(), &begun, found);
    }
}

fn innermost(instruction: &Instruction) -> &Instruction {
    match &instruction.kind {
        Kind::Onbuild(onbuild) => innermost(&onbuild.trigger),
        _ => instruction,
    }
}

/// Returns the quotes that are open at the end of a script's front.
fn quote_at_end(script: &str) -> Quote {
    let (mut quote, mut escaped, mut comment, mut begins) = (Quote::None, false, false, true);
    for char in script.chars() {
        comment = (comment || (char == '#' && begins && quote == Quote::None && !escaped)) && char != '\n';
        begins = char.is_whitespace();
        if comment {
            continue;
        }
        match (quote, char) {
            _ if escaped => escaped = false,
            (Quote::None | Quote::Double, '\\') => escaped = true,
            (Quote::None, '\'') => quote = Quote::Single,
            (Quote::None, '"') => quote = Quote::Double,
            (Quote::Single, '\'') | (Quote::Double, '"') => quote = Quote::None,
            _ => {}
        }
    }
    quote
}

fn offer(site: &Site<'_>, keyword: &str, begun: &Begun, found: &mut Completions) {
    match begun {
        Begun::Name { word, braced } => names(site, keyword, word, *braced, found),
        Begun::Modifier { word } => modifiers(word, found),
    }
}

enum Begun {
    Name { word: Word, braced: bool },
    Modifier { word: Word },
}

/// Reads `$NAME`, `${NAME` or `${NAME:` at the end of a word.
fn begun(word: &Word) -> Option<Begun> {
    let text = &word.text;
    let dollar = text.rfind('$')?;
    let escapes = text[..dollar].chars().rev().take_while(|char| *char == '\\').count();
    if escapes % 2 == 1 {
        return None;
    }
    let rest = &text[dollar + 1..];
    let braced = rest.starts_with('{');
    let start = dollar + 1 + usize::from(braced);
    let name = &text[start..];
    let is_name = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    if is_name(name) {
        return Some(Begun::Name { word: word.tail(start), braced });
    }
    let modified = braced.then(|| name.find(':')).flatten()?;
    let is_modifier = is_name(&name[..modified]) && modified > 0 && name[modified + 1..].is_empty();
    is_modifier.then(|| Begun::Modifier { word: word.tail(start + modified) })
}

/// Tells whether someone expands variables at the cursor.
fn expands(site: &Site<'_>, argument: &Argument) -> bool {
    let flag = argument.current.text.starts_with("--") && argument.takes_flags();
    if flag {
        return ["--chown=", "--chmod=", "--checksum=", "--platform=", "--mount="]
            .iter()
            .any(|name| argument.current.text.starts_with(name) && !argument.current.text.contains("from=$"));
    }
    match argument.keyword.as_str() {
        "SHELL" | "MAINTAINER" | "ONBUILD" => false,
        // A shell does it, which the JSON form does not start.
        "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => !is_exec(site, argument) && argument.quote != Quote::Single,
        _ => argument.quote != Quote::Single,
    }
}

/// Tells whether the words at the cursor are or become those of the JSON form.
///
/// `[ "$X" = y ]` begins as that form may do: it counts as the form where a comma has come or the whole is read as one.
fn is_exec(site: &Site<'_>, argument: &Argument) -> bool {
    let is_test = argument.operands().first().is_some_and(|word| word.text == "[");
    if !argument.is_json() || !is_test {
        return argument.is_json();
    }
    let command = instruction_at(site.parsed, site.offset as usize).and_then(|one| match &innermost(one).kind {
        Kind::Run(run) => Some(&run.command),
        Kind::Cmd(command) | Kind::Entrypoint(command) => Some(command),
        Kind::Healthcheck(Healthcheck::Probe(probe)) => Some(&probe.command),
        _ => None,
    });
    let is_listed = argument.operands().iter().any(|word| word.text.ends_with("\","));
    is_listed || command.is_some_and(|command| matches!(command, Command::Exec(_)))
}

fn names(site: &Site<'_>, keyword: &str, word: &Word, braced: bool, found: &mut Completions) {
    let rest = site.parsed.text().get(site.offset as usize..).unwrap_or_default();
    let end = site.tail(|char| char.is_ascii_alphanumeric() || char == '_');
    let closed = rest[(end - site.offset) as usize..].starts_with('}');
    let make = |name: &str, kind: CompletionItemKind| {
        let text = if braced && !closed { format!("{name}}}") } else { name.to_owned() };
        Candidate::new(name, kind, word).text(text).until(end).topic(format!("variable:{name}"))
    };
    let in_from = keyword == "FROM";
    let mut known: Vec<&str> = Vec::new();
    for visible in site.model().visible_at(site.offset) {
        let definition = visible.definition;
        known.push(visible.name);
        let value = definition.value.as_deref().or(definition.written.as_ref().map(|one| one.value.as_str()));
        let what = match (definition.kind, definition.scope) {
            (DefinitionKind::Arg, Scope::Global) => "global ARG",
            (DefinitionKind::Arg, Scope::Stage(_)) => "ARG",
            (DefinitionKind::Env, _) => "ENV",
        };
        let detail = value.map_or_else(|| what.to_owned(), |value| format!("{what} = {value}"));
        found.candidates.push(make(visible.name, CompletionItemKind::VARIABLE).detail(detail).rank(1));
    }
    let visible = |origin: Origin| match origin {
        Origin::Platform => in_from || site.model().stages.is_empty() || site.model().stage_at(site.offset).is_none(),
        Origin::Proxy => keyword == "RUN",
        Origin::Setting => false,
    };
    let free = variables().iter().filter(|one| visible(one.origin) && !known.contains(&one.name));
    let make = |name: &'static str| make(name, CompletionItemKind::CONSTANT);
    found.candidates.extend(free.map(|one| make(one.name).detail(one.text).rank(4)));
    if !in_from && site.model().stage_at(site.offset).is_some() && !known.contains(&"PATH") {
        found.candidates.push(make("PATH").detail("of the base image").rank(4));
    }
}

const MODIFIERS: [(&str, &str); 3] = [
    (":-", "the word that follows, where the variable is unset or empty"),
    (":+", "the word that follows, where the variable is set and not empty"),
    (":?", "fails with the words that follow, where the variable is unset or empty"),
];

fn modifiers(word: &Word, found: &mut Completions) {
    for (modifier, text) in MODIFIERS {
        let candidate = Candidate::new(modifier, CompletionItemKind::OPERATOR, word).detail(text);
        found.candidates.push(candidate.snippet(format!("{modifier}${{1:word}}\\}}")));
    }
}
