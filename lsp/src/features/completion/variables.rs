//! Variables behind `$` and `${`, and the modifiers behind a name.

use tower_lsp_server::ls_types::CompletionItemKind;

use super::{Candidate, Completions, Site};
use crate::cursor::{Argument, Quote, Word};
use crate::model::{DefinitionKind, Scope};
use crate::reference::{Origin, variables};

/// Offers variables where one is begun; tells whether that is so.
pub(super) fn complete(site: &Site<'_>, argument: &Argument, found: &mut Completions) -> bool {
    let Some(begun) = begun(&argument.current) else { return false };
    if !expands(argument) {
        return true;
    }
    match begun {
        Begun::Name { word, braced } => names(site, argument, &word, braced, found),
        Begun::Modifier { word } => modifiers(&word, found),
    }
    true
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
fn expands(argument: &Argument) -> bool {
    let flag = argument.current.text.starts_with("--") && argument.takes_flags();
    if flag {
        return ["--chown=", "--chmod=", "--checksum=", "--platform=", "--mount="]
            .iter()
            .any(|name| argument.current.text.starts_with(name) && !argument.current.text.contains("from=$"));
    }
    match argument.keyword.as_str() {
        "SHELL" | "MAINTAINER" | "ONBUILD" => false,
        // A shell does it, which the JSON form does not start.
        "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => !argument.is_json() && argument.quote != Quote::Single,
        _ => argument.quote != Quote::Single,
    }
}

fn names(site: &Site<'_>, argument: &Argument, word: &Word, braced: bool, found: &mut Completions) {
    let rest = site.parsed.text().get(site.offset as usize..).unwrap_or_default();
    let end = site.tail(|char| char.is_ascii_alphanumeric() || char == '_');
    let closed = rest[(end - site.offset) as usize..].starts_with('}');
    let make = |name: &str, kind: CompletionItemKind| {
        let text = if braced && !closed { format!("{name}}}") } else { name.to_owned() };
        Candidate::new(name, kind, word).text(text).until(end).topic(format!("variable:{name}"))
    };
    let in_from = argument.keyword == "FROM";
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
        Origin::Proxy => argument.keyword == "RUN",
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
